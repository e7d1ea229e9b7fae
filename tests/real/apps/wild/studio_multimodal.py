import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream


def told(messages):
    for message in messages:
        content = message["content"]
        if message["role"] == "user":
            content = content[1]["content"]
        yield {"role": message["role"], "content": content}


def respond(message, messages):
    history = list(told(messages))
    files = {"type": "file", "content": list(message["files"])}
    text = {"type": "text", "content": message["text"]}
    messages.append({"role": "user", "content": [files, text]})
    messages.append({"role": "assistant", "content": "", "loading": True, "status": "pending"})
    yield {
        box: gr.update(value=None, loading=True),
        clear: gr.update(disabled=True),
        chatbot: gr.update(value=messages),
    }
    for piece in stream(message["text"], history):
        messages[-1]["content"] += piece
        messages[-1]["loading"] = False
        yield {chatbot: gr.update(value=messages)}
    messages[-1].update(footer="0.02s", status="done")
    yield {
        clear: gr.update(disabled=False),
        box: gr.update(loading=False),
        chatbot: gr.update(value=messages),
    }


with gr.Blocks() as demo, ms.Application(), antdx.XProvider(), ms.AutoLoading():
    chatbot = pro.Chatbot(height=500, bot_config={"header": "Tiny-VL", "actions": ["copy"]})
    with pro.MultimodalInput(upload_config={"max_count": 4, "accept": "image/*"}) as box:
        with ms.Slot("prefix"):
            clear = antd.Button(value=None, variant="text")
    clear.click(lambda: gr.update(value=None), outputs=[chatbot])
    asked = box.submit(respond, [box, chatbot], [box, chatbot, clear])
    box.cancel(lambda: gr.update(loading=False), None, [box], cancels=[asked], queue=False)

if __name__ == "__main__":
    demo.queue().launch()
