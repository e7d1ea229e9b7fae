import gradio as gr
from llm import stream

try:
    import modelscope_studio.components.legacy as mgr
    from modelscope_studio.components.base import Application
except ImportError:  # version 0.5, which has nothing else
    from contextlib import nullcontext as Application

    import modelscope_studio as mgr


def respond(question, temperature):
    answer = ""
    for piece in stream(question):
        answer += piece
        yield answer


with gr.Blocks() as demo, Application():
    question = gr.Textbox(label="问题", placeholder="请输入问题")
    with gr.Accordion("Parameters", open=False):
        temperature = gr.Slider(0, 1, value=0.5, label="Temperature")
    answer = mgr.Markdown(label="Answer")
    question.submit(respond, [question, temperature], [answer])

if __name__ == "__main__":
    demo.queue().launch()
