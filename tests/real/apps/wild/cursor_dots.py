import gradio as gr
from llm import stream


def predict(message, history):
    text = ""
    pieces = stream(message, history)
    yield "."
    yield ".."
    yield "..."
    for piece in pieces:
        text += piece
        yield text


demo = gr.ChatInterface(predict, title="Dots")

if __name__ == "__main__":
    demo.launch()
