import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def chat(message, history):
    so_far = ""
    for piece in stream(message, history, "code"):
        so_far += piece
        yield so_far


demo = gr.ChatInterface(chat, save_history=True, flagging_mode="manual", editable=True, **kind)

if __name__ == "__main__":
    demo.launch()
