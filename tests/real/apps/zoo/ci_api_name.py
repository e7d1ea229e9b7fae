import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def ask(question, history):
    reply = ""
    for piece in stream(question, history, "repeats"):
        reply += piece
        yield reply


demo = gr.ChatInterface(ask, api_name="ask_the_oracle", **kind)

if __name__ == "__main__":
    demo.launch()
