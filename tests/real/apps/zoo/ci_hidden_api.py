import gradio as gr
from llm import stream

if gr.__version__.startswith("6"):
    options = {"api_visibility": "private"}
else:
    options = {"type": "messages", "api_name": False, "show_api": False}


def secretive(message, history):
    reply = ""
    for piece in stream(message, history, "words"):
        reply += piece
        yield reply


demo = gr.ChatInterface(secretive, **options)

if __name__ == "__main__":
    demo.launch()
