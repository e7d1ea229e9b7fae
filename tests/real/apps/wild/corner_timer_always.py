import threading

import gradio as gr
from llm import stream

NEW = gr.__version__.startswith("6")
CHAT = []


def work(message):
    said = {"role": "assistant", "content": ""}
    CHAT.append(said)
    for piece in stream(message):
        said["content"] += piece


def start(message):
    CHAT.append({"role": "user", "content": message})
    shown = list(CHAT)
    threading.Thread(target=work, args=[message]).start()
    return "", shown


with gr.Blocks() as demo:
    chat = gr.Chatbot(**({} if NEW else {"type": "messages"}))
    box = gr.Textbox(placeholder="Type a message")
    box.submit(start, box, [box, chat])
    gr.Timer(0.5).tick(lambda: list(CHAT), None, chat)

if __name__ == "__main__":
    demo.launch()
