import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history):
    text = ""
    for piece in stream(message, history, "markdown"):
        text += piece
        yield text + "\n\n"
    yield [text, gr.HTML("<b>That is all.</b>")]


demo = gr.ChatInterface(respond, **MESSAGES)

if __name__ == "__main__":
    demo.launch()
