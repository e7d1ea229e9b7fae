import gradio as gr
from llm import stream


def complete(prompt):
    text = ""
    for piece in stream(prompt):
        text += piece
        yield text + "|"
    yield text


demo = gr.Interface(
    complete,
    gr.Textbox(label="Prompt"),
    gr.Textbox(label="Answer", lines=8),
    title="Complete a text",
)

if __name__ == "__main__":
    demo.launch()
