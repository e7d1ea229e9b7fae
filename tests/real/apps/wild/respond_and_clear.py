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
    gr.Markdown("# Chat with a tiny model")
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(placeholder="Type a message")
    gr.ClearButton([box, chatbot])
    box.submit(respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
