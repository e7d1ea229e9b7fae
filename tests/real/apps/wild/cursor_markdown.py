import gradio as gr
from llm import stream


def write(question):
    yield "_Writing…_"
    text = ""
    for piece in stream(question, [], "markdown"):
        text += piece
        yield text + "●"
    yield text


with gr.Blocks() as demo:
    gr.Markdown("# Ask me")
    question = gr.Textbox(label="Question")
    button = gr.Button("Ask", variant="primary")
    answer = gr.Markdown(label="Answer")
    button.click(write, question, answer)

if __name__ == "__main__":
    demo.launch()
