import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
from llm import stream


def respond(text):
    answer = ""
    yield gr.update(value="", loading=True), gr.update(loading=True)
    for piece in stream(text):
        answer += piece
        yield gr.update(), gr.update(content=answer, loading=False)
    yield gr.update(loading=False), gr.update(content=answer)


with gr.Blocks() as demo, ms.Application(), antdx.XProvider():
    with antd.Flex(vertical=True, gap="large"):
        antdx.Welcome(title="One question, one answer", description="Nothing is remembered.")
        bubble = antdx.Bubble(placement="start", typing=True)
        sender = antdx.Sender(auto_size={"minRows": 2, "maxRows": 6})
    sender.submit(respond, [sender], [sender, bubble])

if __name__ == "__main__":
    demo.queue().launch()
