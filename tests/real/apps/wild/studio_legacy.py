import gradio as gr
from llm import stream

try:
    import modelscope_studio.components.legacy as mgr
    from modelscope_studio.components.base import Application
except ImportError:  # version 0.5, which has nothing else
    from contextlib import nullcontext as Application

    import modelscope_studio as mgr


def told(pairs):
    return [[user.text, "".join(each.text for each in bot)] for user, bot in pairs]


def respond(message, pairs):
    history = told(pairs)
    text = message.text
    pairs.append([message, [{"text": "", "flushing": True}]])
    yield gr.update(value=None, interactive=False), pairs
    for piece in stream(text, history):
        pairs[-1][1][0]["text"] += piece
        yield gr.update(interactive=False), pairs
    pairs[-1][1][0]["flushing"] = False
    yield gr.update(interactive=True), pairs


def flushed():
    return gr.update(interactive=True)


with gr.Blocks() as demo, Application():
    chatbot = mgr.Chatbot(height=400, flushing=True)
    box = mgr.MultimodalInput(interactive=True)
    box.submit(respond, [box, chatbot], [box, chatbot])
    chatbot.flushed(flushed, outputs=[box])

if __name__ == "__main__":
    demo.queue().launch()
