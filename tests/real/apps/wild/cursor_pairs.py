import gradio as gr
from llm import stream


def add(message, history):
    return "", history + [[message, None]]


def reply(history):
    question, before = history[-1][0], history[:-1]
    text = ""
    for piece in stream(question, before):
        text += piece
        history[-1][1] = text + "▌"
        yield history
    history[-1][1] = text
    yield history


with gr.Blocks(title="Pairs") as demo:
    chatbot = gr.Chatbot(height=300)
    box = gr.Textbox(placeholder="Ask something", show_label=False)
    box.submit(add, [box, chatbot], [box, chatbot], queue=False).then(reply, chatbot, chatbot)

if __name__ == "__main__":
    demo.queue().launch()
