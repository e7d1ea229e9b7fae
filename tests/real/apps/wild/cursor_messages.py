import gradio as gr
from llm import stream

CURSOR = " ▌"
kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def chat(message, history):
    shown = history + [{"role": "user", "content": message}]
    yield "", shown + [{"role": "assistant", "content": CURSOR}]
    text = ""
    for piece in stream(message, history):
        text += piece
        yield "", shown + [{"role": "assistant", "content": text + CURSOR}]
    yield "", shown + [{"role": "assistant", "content": text}]


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**kind)
    with gr.Row():
        box = gr.Textbox(show_label=False, placeholder="Message", scale=8)
        send = gr.Button("Send", scale=1)
    gr.on([box.submit, send.click], chat, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.launch()
