import gradio as gr
from llm import stream


def respond(message, history):
    yield "*Thinking...*"
    text = ""
    for piece in stream(message, history, "brackets"):
        text += piece
        yield f"{text} █"
    yield text


demo = gr.ChatInterface(respond)

if __name__ == "__main__":
    demo.launch()
