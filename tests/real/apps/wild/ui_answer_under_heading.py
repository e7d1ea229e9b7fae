import gradio as gr
from llm import stream


def ask(question):
    yield "Looking for passages...", ""
    text = ""
    for piece in stream(question, [], "brackets"):
        text += piece
        yield "A long passage of some document. " * 20, text


with gr.Blocks() as demo:
    gr.Markdown("# <center> Documents </center>")
    with gr.Row():
        user_input = gr.Textbox(label="Ask and get answer from your data:")
    with gr.Row():
        resources = gr.Textbox(label="Retrieved resources:", lines=12)
        with gr.Accordion("Generated answer:", open=True):
            generated = gr.Markdown()
    with gr.Row():
        submit = gr.Button("Submit")
        gr.ClearButton([user_input, generated, resources])
    submit.click(ask, user_input, [resources, generated])

if __name__ == "__main__":
    demo.queue().launch()
