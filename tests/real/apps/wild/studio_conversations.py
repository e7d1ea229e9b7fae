import uuid

import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream

SETTINGS = {"model": "tiny", "sys_prompt": "", "thinking_budget": 38}
ITEMS = [{"label": "Make a plan", "value": "plan"}]


def current(state):
    return state["contexts"][state["id"]]


def told(history):
    for item in history:
        content = item["content"]
        if item["role"] == "assistant":
            content = "".join(part["content"] for part in content if part["type"] == "text")
        yield {"role": item["role"], "content": content}


def submit(state):
    history = current(state)["history"]
    *before, question = told(history)
    message = {"role": "assistant", "content": [], "key": str(uuid.uuid4()), "loading": True}
    history.append({**message, "header": "Tiny-1B", "status": "pending"})
    yield {chatbot: gr.update(value=history), kept: gr.update(value=state)}
    text = {"type": "text", "content": ""}
    thought = {"type": "tool", "content": "", "options": {"title": "Thinking..."}}
    if current(state)["thinking"]:
        for piece in ["I think", ", so", " I am."]:
            thought["content"] += piece
            history[-1].update(content=[thought], loading=False)
            yield {chatbot: gr.update(value=history), kept: gr.update(value=state)}
        thought["options"] = {"title": "End of Thought (0.02s)", "status": "done"}
    for piece in stream(question["content"], before):
        text["content"] += piece
        thoughts = [thought] if thought["content"] else []
        history[-1].update(content=[*thoughts, text], loading=False)
        yield {chatbot: gr.update(value=history), kept: gr.update(value=state)}
    history[-1].update(status="done", footer="0.04s")
    yield {chatbot: gr.update(value=history), kept: gr.update(value=state)}


def add(text, settings, thinking, state):
    if not state["id"]:
        state["id"] = str(uuid.uuid4())
        state["contexts"][state["id"]] = {"history": []}
        state["conversations"].append({"label": text, "key": state["id"]})
    history = current(state)["history"]
    state["contexts"][state["id"]] = {"history": history, "settings": settings, **thinking}
    history.append({"role": "user", "content": text, "key": str(uuid.uuid4())})
    yield before(state)
    try:
        yield from submit(state)
    finally:
        yield after(state)


def before(state):
    return {
        sender: gr.update(value=None, loading=True),
        conversations: gr.update(active_key=state["id"], items=state["conversations"]),
        new: gr.update(disabled=True),
        chatbot: gr.update(
            value=current(state)["history"], bot_config={"disabled_actions": ["retry"]}
        ),
        kept: gr.update(value=state),
    }


def after(state):
    return {
        sender: gr.update(loading=False),
        conversations: gr.update(items=state["conversations"]),
        new: gr.update(disabled=False),
        chatbot: gr.update(value=current(state)["history"], bot_config={"actions": ["retry"]}),
        kept: gr.update(value=state),
    }


def cancel(state):
    current(state)["history"][-1].update(loading=False, status="done", footer="Paused")
    return after(state)


def start(state):
    state["id"] = ""
    return gr.update(active_key=""), gr.update(value=None), gr.update(value=state)


def select(state, event: gr.EventData):
    state["id"] = event._data["payload"][0]
    history = current(state)["history"]
    return gr.update(active_key=state["id"]), gr.update(value=history), gr.update(value=state)


def again(settings, thinking, state, event: gr.EventData):
    history = current(state)["history"][: event._data["payload"][0]["index"]]
    state["contexts"][state["id"]] = {"history": history, "settings": settings, **thinking}
    yield before(state)
    yield from submit(state)
    yield after(state)


def toggle(thinking):
    thinking["thinking"] = not thinking["thinking"]
    return thinking


with gr.Blocks() as demo:
    kept = gr.State({"contexts": {}, "conversations": [], "id": ""})
    thinking = gr.State({"thinking": True})
    with ms.Application(), antdx.XProvider():
        with ms.AutoLoading(), antd.Row(gutter=[20, 20], wrap=False):
            with antd.Col(md={"flex": "0 0 260px", "span": 24}, span=0):
                with antd.Button(value=None, color="primary", block=True) as new:
                    ms.Text("New Conversation")
                with antdx.Conversations() as conversations:
                    with ms.Slot("menu.items"):
                        antd.Menu.Item(label="Delete", key="delete", danger=True)
            with antd.Col(flex=1), antd.Flex(vertical=True, gap="small"):
                chatbot = pro.Chatbot(height=500, welcome_config={"title": "Hello, I'm Tiny"})
                with antdx.Suggestion(items=ITEMS) as suggestion:
                    with ms.Slot("children"):
                        with antdx.Sender(placeholder='Enter "/" for suggestions') as sender:
                            with ms.Slot("header"):
                                with antdx.Sender.Header(title="Settings", open=False):
                                    with antd.Form(value=SETTINGS) as form:
                                        with antd.Form.Item(form_name="sys_prompt"):
                                            antd.Input.Textarea(placeholder="System prompt")
                            with ms.Slot("prefix"):
                                think = antd.Button("Thinking", shape="round")
    shown = [sender, conversations, new, chatbot, kept]
    new.click(start, [kept], [conversations, chatbot, kept])
    conversations.active_change(select, [kept], [conversations, chatbot, kept])
    think.click(toggle, [thinking], [thinking])
    suggestion.select(lambda event: gr.update(value="plan"), [sender], [sender])
    asked = sender.submit(add, [sender, form, thinking, kept], shown)
    retried = chatbot.retry(again, [form, thinking, kept], shown)
    sender.cancel(cancel, [kept], shown, cancels=[asked, retried], queue=False)

if __name__ == "__main__":
    demo.queue(default_concurrency_limit=100).launch()
