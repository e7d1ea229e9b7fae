import gradio as gr
from llm import stream

NEW = gr.__version__.startswith("6")


def add(message, history):
    return "", history + [{"role": "user", "content": message}]


def ask(history, notes):
    if not notes:
        gr.Warning("Write some notes first.")
        return history
    text = "".join(stream(history[-1]["content"], notes=notes))
    return history + [{"role": "assistant", "content": text}]


with gr.Blocks() as demo:
    notes = gr.State("")
    chat = gr.Chatbot(**({} if NEW else {"type": "messages"}))
    box = gr.Textbox(placeholder="Type a message")
    box.submit(add, [box, chat], [box, chat]).then(ask, [chat, notes], chat)

if __name__ == "__main__":
    demo.launch()
