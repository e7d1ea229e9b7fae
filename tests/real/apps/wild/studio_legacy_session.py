import copy

import gradio as gr
from llm import answer

try:
    import modelscope_studio.components.legacy as mgr
    from modelscope_studio.components.base import Application
except ImportError:  # version 0.5, which has nothing else
    from contextlib import nullcontext as Application

    import modelscope_studio as mgr

INTRODUCTION = [[None, {"text": "You can talk to me now", "flushing": False}]]


def new_box(upload=True):
    sources = ["upload"] if upload else []
    return mgr.MultimodalInput(placeholder="Enter your message here", sources=sources, value=None)


def respond(message, pairs, session, decoding):
    text = answer(message.text, session["context"])
    session["context"] += [
        {"role": "user", "content": message.text},
        {"role": "assistant", "content": text},
    ]
    pairs.append((message, text))
    return new_box(upload=len(pairs) < 5), pairs, session


def clear(session):
    session["context"] = []
    return new_box(), copy.deepcopy(INTRODUCTION), session


with gr.Blocks() as demo, Application():
    with gr.Tab("Tiny-V"):
        with gr.Row():
            with gr.Column(scale=1):
                gr.Markdown("# Tiny-V")
                decoding = gr.Radio(["Beam Search", "Sampling"], value="Sampling", label="Decoding")
                regenerate = gr.Button("Regenerate")
                clear_button = gr.Button("Clear History")
            with gr.Column(scale=3):
                session = gr.State({"context": [], "kind": "Chat"})
                chatbot = mgr.Chatbot(label="Chat with Tiny-V", value=INTRODUCTION, flushing=False)
                with gr.Tab("Chat") as chat_tab:
                    box = new_box()
                    chat_label = gr.Textbox(value="Chat", interactive=False, visible=False)
                    box.submit(respond, [box, chatbot, session, decoding], [box, chatbot, session])
                with gr.Tab("Few Shot"):
                    image = gr.Image(type="filepath", sources=["upload"])
                    user_message = gr.Textbox(label="User")
                    bot_message = gr.Textbox(label="Assistant")
                    add = gr.Button("Add Example")
                    add.click(
                        lambda *values: (None, "", "", values[3], values[4]),
                        [image, user_message, bot_message, chatbot, session],
                        [image, user_message, bot_message, chatbot, session],
                    )
                chat_tab.select(
                    lambda kind, state: {**state, "kind": kind}, [chat_label, session], [session]
                )
    chatbot.flushed(lambda: gr.update(interactive=True), outputs=[box])
    regenerate.click(lambda pairs: pairs, [chatbot], [chatbot])
    clear_button.click(clear, [session], [box, chatbot, session])
    with gr.Tab("How to use"):
        gr.Markdown("Type a message, and send it.")

if __name__ == "__main__":
    demo.queue().launch()
