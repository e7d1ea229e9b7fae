import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history):
    shown = history + [
        {"role": "user", "content": message},
        {"role": "assistant", "content": ""},
    ]
    for piece in stream(message, history):
        shown[-1]["content"] += piece
        yield "", shown


def enter(request: gr.Request):
    known = request is not None
    return gr.Column(visible=not known), gr.Column(visible=known), gr.Textbox(interactive=known)


with gr.Blocks() as demo:
    with gr.Column(visible=True) as door:
        gr.Markdown("# Please wait")
        gr.Textbox(label="Invitation code")
    with gr.Column(visible=False) as room:
        chatbot = gr.Chatbot(**MESSAGES)
        box = gr.Textbox(label="Message", interactive=False)
    box.submit(respond, [box, chatbot], [box, chatbot])
    demo.load(enter, None, [door, room, box])

if __name__ == "__main__":
    demo.queue().launch()
