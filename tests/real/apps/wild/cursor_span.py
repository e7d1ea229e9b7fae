import gradio as gr
from llm import stream

CSS = "@keyframes blink { 50% { opacity: 0; } } .cursor { animation: blink 1s infinite; }"
CURSOR = '<span class="cursor">|</span>'
kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def user(message, history):
    return "", history + [{"role": "user", "content": message}]


def bot(history):
    question = history[-1]["content"]
    if not isinstance(question, str):
        question = question[0]["text"]
    pieces = stream(question, history[:-1])
    history.append({"role": "assistant", "content": ""})
    text = ""
    for piece in pieces:
        text += piece
        history[-1]["content"] = text + CURSOR
        yield history
    history[-1]["content"] = text
    yield history


with gr.Blocks() as demo:
    gr.HTML(f"<style>{CSS}</style>")
    chatbot = gr.Chatbot(**kind)
    box = gr.Textbox(label="Your message")
    box.submit(user, [box, chatbot], [box, chatbot]).then(bot, [chatbot], [chatbot])

if __name__ == "__main__":
    demo.launch()
