import gradio as gr
from llm import stream


def explain(question, level):
    text = ""
    for piece in stream(question, [], "markdown", level=level):
        text += piece
        yield text


with gr.Blocks() as demo:
    gr.Markdown("# Explain it to me")
    question = gr.Textbox(label="Question", placeholder="What is a black hole?")
    level = gr.Dropdown(["child", "student", "expert"], value="student", label="Level")
    button = gr.Button("Explain", variant="primary")
    output = gr.Markdown(label="Explanation")
    button.click(explain, inputs=[question, level], outputs=output)
    gr.Examples([["What is rain?", "child"]], [question, level])

if __name__ == "__main__":
    demo.queue().launch()
