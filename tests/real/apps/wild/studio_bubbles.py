import uuid

import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
from llm import stream

EMPTY = [{"role": "placeholder"}]


def history_of(state):
    return state["histories"][state["id"]]


def add(text, files, state):
    if not state["id"]:
        state["id"] = str(uuid.uuid4())
        state["histories"][state["id"]] = []
        state["conversations"].append({"label": text, "key": state["id"]})
    content = {"text": text, "files": [{"path": file} for file in files]}
    history_of(state).append({"role": "user", "key": str(uuid.uuid4()), "content": content})
    return gr.update(value=state)


def begin(state):
    return {
        sender: gr.update(value=None, loading=True),
        attachments: gr.update(value=[]),
        badge: gr.update(dot=False),
        conversations: gr.update(active_key=state["id"], items=state["conversations"]),
        bubbles: gr.update(items=history_of(state)),
        kept: gr.update(value=state),
    }


def submit(state):
    history = history_of(state)
    *before, question = history
    message = {"role": "assistant", "content": "", "key": str(uuid.uuid4()), "meta": {}}
    history.append({**message, "loading": True})
    yield {bubbles: gr.update(items=history), kept: gr.update(value=state)}
    for piece in stream(question["content"]["text"], before):
        history[-1]["content"] += piece
        history[-1]["loading"] = False
        yield {bubbles: gr.update(items=history), kept: gr.update(value=state)}
    history[-1]["meta"]["end"] = True
    yield {bubbles: gr.update(items=history), kept: gr.update(value=state)}


def end(state):
    return {
        sender: gr.update(loading=False),
        conversations: gr.update(items=state["conversations"]),
        bubbles: gr.update(items=history_of(state)),
        kept: gr.update(value=state),
    }


def new(state):
    state["id"] = ""
    return gr.update(active_key=""), gr.update(items=EMPTY), gr.update(value=state)


def prompt(event: gr.EventData):
    return gr.update(value=event._data["payload"][0]["data"]["description"])


with gr.Blocks() as demo:
    kept = gr.State({"histories": {}, "conversations": [], "id": ""})
    with ms.Application(), antdx.XProvider(), ms.AutoLoading(), antd.Row(gutter=[20, 20]):
        with antd.Col(span=6):
            add_button = antd.Button("New Conversation", block=True)
            conversations = antdx.Conversations()
        with antd.Col(span=18), antd.Flex(vertical=True):
            bubbles = antdx.Bubble.List(items=EMPTY, elem_style={"height": 400})
            prompts = antdx.Prompts(title="Ask", items=[{"description": "Make a plan"}])
            with antdx.Sender(placeholder="Enter / to get suggestions") as sender:
                with ms.Slot("prefix"), antd.Badge(dot=False) as badge:
                    antd.Button(value=None, type="text")
                with ms.Slot("header"), antdx.Sender.Header(title="Attachments", open=False):
                    attachments = antdx.Attachments(max_count=6, accept="image/*", multiple=True)
    add_button.click(new, [kept], [conversations, bubbles, kept])
    prompts.item_click(prompt, outputs=[sender])
    first = [sender, attachments, badge, conversations, bubbles, kept]
    asked = (
        sender.submit(add, [sender, attachments, kept], [kept])
        .then(begin, [kept], first)
        .then(submit, [kept], [bubbles, kept])
    )
    asked.then(end, [kept], [sender, conversations, bubbles, kept])
    sender.cancel(end, [kept], [sender, conversations, bubbles, kept], cancels=[asked], queue=False)

if __name__ == "__main__":
    demo.queue().launch()
