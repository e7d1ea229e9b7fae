import gradio as gr
from llm import stream


def talk(message, history):
    text = ""
    for piece in stream(message, history, "indented", known=repr(history[-1:])[-12:]):
        text += piece
        yield text
    yield text + "\n"


demo = gr.ChatInterface(talk)

if __name__ == "__main__":
    demo.launch()
