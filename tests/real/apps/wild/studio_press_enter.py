import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.base as ms
from llm import stream


def respond(text):
    answer = ""
    for piece in stream(text):
        answer += piece
        yield answer


with gr.Blocks() as demo, ms.Application(), antd.ConfigProvider():
    with antd.Card(title="Ask the oracle"):
        box = antd.Input(placeholder="Your question", size="large")
        answer = ms.Markdown()
    box.press_enter(respond, [box], [answer])

if __name__ == "__main__":
    demo.queue().launch()
