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


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(placeholder="Type a message")
    asked = gr.Textbox(visible=False)
    send = gr.Button("Send")
    dropped = gr.Textbox(visible=False)
    move = {"fn": None, "inputs": [box, asked], "outputs": [asked, box]}
    send.click(**move, js="(text, before) => [text, '']").then(
        respond, [asked, chatbot], [dropped, chatbot]
    )
    box.submit(**move, js="(text, before) => [text, '']").then(
        respond, [asked, chatbot], [dropped, chatbot]
    )

if __name__ == "__main__":
    demo.queue().launch()
