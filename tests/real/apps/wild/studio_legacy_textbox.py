import gradio as gr
from llm import stream

try:
    import modelscope_studio.components.legacy as mgr
    from modelscope_studio.components.base import Application
except ImportError:  # version 0.5, which has nothing else
    from contextlib import nullcontext as Application

    import modelscope_studio as mgr


def told(pairs):
    return [[user.text, bot.text] for user, bot in pairs]


def respond(text, pairs):
    history = told(pairs)
    pairs.append([text, ""])
    for piece in stream(text, history):
        pairs[-1][1] += piece
        yield "", pairs


with gr.Blocks() as demo, Application():
    chatbot = mgr.Chatbot(height=600, elem_classes="chat", avatar_images=[None, None])
    with gr.Row():
        box = gr.Textbox(label="Input", lines=2)
        with gr.Column():
            send = gr.Button("🚀 Submit")
            regenerate = gr.Button("🤔️ Regenerate")
            clear = gr.Button("🧹 Clear History")
    send.click(respond, [box, chatbot], [box, chatbot])
    regenerate.click(lambda pairs: pairs, [chatbot], [chatbot])
    clear.click(list, None, [chatbot])

if __name__ == "__main__":
    demo.queue().launch()
