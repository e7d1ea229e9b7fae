import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
from llm import stream

GREETING = {"role": "ai", "content": "Good day!", "key": -1}


def told(items):
    for item in items[1:]:
        yield {
            "role": "user" if item["role"] == "user" else "assistant",
            "content": item["content"],
        }


def respond(text, state):
    items = state["items"]
    history = list(told(items))
    items.append({"role": "user", "content": text, "key": len(items)})
    items.append({"role": "ai", "content": "", "key": len(items)})
    for piece in stream(text, history):
        items[-1]["content"] += piece
        yield gr.update(value=None), gr.update(items=items), state


with gr.Blocks() as demo, ms.Application():
    kept = gr.State({"items": [GREETING]})
    with antd.ConfigProvider(), antd.Flex(vertical=True, gap="small"):
        antd.Typography.Title("Talk to me", level=2)
        with antdx.Bubble.List(items=[GREETING], auto_scroll=True) as bubbles:
            pass
        with antd.Space.Compact(block=True):
            box = antd.Input(placeholder="Type a message")
            button = antd.Button("Send", type="primary")
    gr.on([box.press_enter, button.click], respond, [box, kept], [box, bubbles, kept])

if __name__ == "__main__":
    demo.queue().launch()
