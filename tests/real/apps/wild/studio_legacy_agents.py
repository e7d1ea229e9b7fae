import gradio as gr
from llm import stream

try:
    import modelscope_studio.components.legacy as mgr
    from modelscope_studio.components.base import Application
except ImportError:  # version 0.5, which has nothing else
    from contextlib import nullcontext as Application

    import modelscope_studio as mgr

AGENTS = {"Writer": "words", "Critic": "brackets"}


def respond(message, pairs):
    """Several agents speak, each in a bubble of its own, in one turn."""
    question = message.text
    pairs.append([{"text": question}, None])
    yield gr.update(value=None), pairs
    bubbles = []
    pairs[-1][1] = bubbles
    for name, flavor in AGENTS.items():
        bubbles.append({"text": "", "name": name})
        for piece in stream(question, flavor=flavor):
            bubbles[-1]["text"] += piece
            yield gr.update(), pairs


with gr.Blocks() as demo, Application():
    chatbot = mgr.Chatbot(label="Agents", height=400)
    box = mgr.MultimodalInput()
    box.submit(respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
