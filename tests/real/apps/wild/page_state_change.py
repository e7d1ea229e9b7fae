import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def take(message, asked):
    return "", [*asked, message]


def respond(asked, history):
    shown = history + [
        {"role": "user", "content": asked[-1]},
        {"role": "assistant", "content": ""},
    ]
    for piece in stream(asked[-1], history):
        shown[-1]["content"] += piece
        yield shown


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(placeholder="Type a message")
    asked = gr.State([])
    timer = gr.Timer(0.5)
    clock = gr.Textbox(label="Clock")
    timer.tick(lambda: "tick", None, clock)
    box.submit(take, [box, asked], [box, asked])
    asked.change(respond, [asked, chatbot], chatbot)

if __name__ == "__main__":
    demo.queue().launch()
