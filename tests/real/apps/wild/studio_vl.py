import uuid

import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream


def told(history):
    for item in history:
        texts = [part["content"] for part in item["content"] if part["type"] == "text"]
        yield {"role": item["role"], "content": texts[0] if texts else ""}


def add(message, thinking, state):
    if not state["id"]:
        state["id"] = str(uuid.uuid4())
        state["histories"][state["id"]] = []
        state["conversations"].append({"label": message["text"], "key": state["id"]})
    history = state["histories"][state["id"]]
    parts = [
        {"type": "file", "content": list(message["files"])},
        {"type": "text", "content": message["text"]},
    ]
    history.append({"role": "user", "content": parts, "key": str(uuid.uuid4())})
    yield {
        box: gr.update(value=None, loading=True),
        conversations: gr.update(active_key=state["id"], items=state["conversations"]),
        chatbot: gr.update(value=history),
        kept: gr.update(value=state),
    }
    yield from submit(history, thinking, state)
    yield {
        box: gr.update(loading=False),
        chatbot: gr.update(value=history),
        kept: gr.update(value=state),
    }


def submit(history, thinking, state):
    *before, question = told(history)
    parts = []
    history.append({"role": "assistant", "content": parts, "loading": True, "header": "Tiny-VL"})
    yield {chatbot: gr.update(value=history), kept: gr.update(value=state)}
    if thinking["on"]:
        parts.append({"type": "tool", "content": "", "options": {"title": "思考中..."}})
        for piece in ["看", "图", "。"]:
            parts[0]["content"] += piece
            yield {chatbot: gr.update(value=history), kept: gr.update(value=state)}
        parts[0]["options"] = {"title": "已深度思考 (用时0.01s)", "status": "done"}
    parts.append({"type": "text", "content": ""})
    for piece in stream(question["content"], before, flavor="cjk"):
        parts[-1]["content"] += piece
        history[-1]["loading"] = False
        yield {chatbot: gr.update(value=history), kept: gr.update(value=state)}


with gr.Blocks() as demo:
    kept = gr.State({"histories": {}, "conversations": [], "id": ""})
    thinking = gr.State({"on": True})
    with ms.Application(), antdx.XProvider(), ms.AutoLoading(), antd.Row(gutter=[20, 20]):
        with antd.Col(span=6):
            conversations = antdx.Conversations()
        with antd.Col(span=18):
            chatbot = pro.Chatbot(height=500, markdown_config={"allow_tags": ["think"]})
            box = pro.MultimodalInput(mode="block", placeholder="输入问题", upload_config={})
            switch = antd.Button("Thinking", shape="round")
    switch.click(lambda state: {"on": not state["on"]}, [thinking], [thinking])
    asked = box.submit(add, [box, thinking, kept], [box, conversations, chatbot, kept])
    box.cancel(lambda: gr.update(loading=False), None, [box], cancels=[asked], queue=False)

if __name__ == "__main__":
    demo.queue().launch()
