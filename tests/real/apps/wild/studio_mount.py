import gradio as gr
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream, turns


def begin():
    return gr.update(disabled=False), "Sirius"


def answer(text, messages, name):
    before = turns(messages)
    messages = [*(messages or []), {"role": "user", "content": text}]
    messages.append({"role": "assistant", "content": ""})
    for piece in stream(text, before, name=name):
        messages[-1]["content"] += piece
        yield gr.update(value=None), messages


with gr.Blocks() as demo, ms.Application() as application, antdx.XProvider():
    name = gr.State("")
    chatbot = pro.Chatbot(height=300)
    sender = antdx.Sender(disabled=True, placeholder="Comes in a moment")
    application.mount(begin, outputs=[sender, name])
    sender.submit(answer, [sender, chatbot, name], [sender, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
