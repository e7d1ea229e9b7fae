import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(text, shown):
    history = list(shown)
    shown = [*shown, {"role": "user", "content": text}, {"role": "assistant", "content": ""}]
    for piece in stream(text, history):
        shown[-1]["content"] += piece
        yield None, shown


with gr.Blocks() as demo, ms.Application(), antd.ConfigProvider(), antd.Flex(vertical=True):
    chatbot = gr.Chatbot(**MESSAGES)
    sender = antdx.Sender()
    sender.submit(respond, [sender, chatbot], [sender, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
