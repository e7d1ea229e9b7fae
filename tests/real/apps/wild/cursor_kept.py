import gradio as gr
from llm import stream


def respond(message, history):
    text = ""
    for piece in stream(message, history):
        text += piece
        yield text + "▌"
    yield text + "\n\n| a | b |\n|---|---|\n| 1 | 2 |"


demo = gr.ChatInterface(respond)

if __name__ == "__main__":
    demo.launch()
