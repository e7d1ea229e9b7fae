import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream


def add(text, messages):
    return gr.update(value=""), [*(messages or []), {"role": "user", "content": text}]


def answer(system, messages):
    settings = {"system": system} if system else {}
    *history, question = messages
    messages.append({"role": "assistant", "content": ""})
    for piece in stream(question["content"], history, **settings):
        messages[-1]["content"] += piece
        yield messages


with gr.Blocks() as demo, ms.Application(), antd.ConfigProvider():
    with antd.Flex(vertical=True, gap="small"):
        change = antd.Button("⚙️ Set System Prompt")
        chatbot = pro.Chatbot(height=400)
        sender = antdx.Sender(placeholder="Message")
    with antd.Modal(title="System Prompt", open=False) as modal:
        system = antd.Input.Textarea("Be kind", auto_size={"minRows": 3})
    change.click(lambda: gr.update(open=True), outputs=[modal])
    modal.ok(lambda: gr.update(open=False), outputs=[modal])
    modal.cancel(lambda: gr.update(open=False), outputs=[modal])
    sender.submit(add, [sender, chatbot], [sender, chatbot]).success(
        answer, [system, chatbot], [chatbot]
    )

if __name__ == "__main__":
    demo.queue().launch()
