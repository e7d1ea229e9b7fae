import gradio as gr
from llm import stream

try:
    import modelscope_studio.components.legacy as mgr
    from modelscope_studio.components.base import Application
except ImportError:  # version 0.5, which has nothing else
    from contextlib import nullcontext as Application

    import modelscope_studio as mgr

GREETING = [None, {"text": "Good day! Ask me anything.", "flushing": False}]


def add(message, pairs, state):
    state["question"] = message.text
    pairs.append([{"text": message.text, "files": message.files}, None])
    return gr.update(value=None, interactive=False), pairs, state


def bot(pairs, state):
    question = state["question"]
    pairs[-1][1] = {"text": "", "name": "Tiny"}
    for piece in stream(question, state["history"]):
        pairs[-1][1]["text"] += piece
        yield pairs, state
    state["history"] = [*state["history"], [question, pairs[-1][1]["text"]]]
    yield pairs, state


def clear(state):
    return None, [GREETING], {"history": []}


with gr.Blocks() as demo, Application():
    kept = gr.State({"history": []})
    gr.Markdown("# A tiny assistant")
    with gr.Row():
        with gr.Column(scale=3):
            chatbot = mgr.Chatbot(value=[GREETING], height=500, flushing=False, label="Tiny")
            box = mgr.MultimodalInput(placeholder="Enter your message here 🙂", interactive=True)
        with gr.Column(scale=1):
            clear_button = gr.Button("Clear history")
            stop_button = gr.Button("Stop")
    asked = box.submit(add, [box, chatbot, kept], [box, chatbot, kept]).then(
        bot, [chatbot, kept], [chatbot, kept]
    )
    asked.then(lambda: gr.update(interactive=True), None, [box])
    stop_button.click(lambda: gr.update(interactive=True), None, [box], cancels=[asked])
    clear_button.click(clear, [kept], [box, chatbot, kept])

if __name__ == "__main__":
    demo.queue().launch()
