import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def text_of(message):
    content = message["content"]
    return content if isinstance(content, str) else content[0]["text"]


def post(message, history):
    waiting = {"role": "assistant", "content": "⏳ Thinking…"}
    return "", history + [{"role": "user", "content": message}, waiting]


def answer(history):
    text = ""
    for piece in stream(text_of(history[-2]), history[:-2]):
        text += piece
        history[-1] = {"role": "assistant", "content": text}
        yield history


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(label="Assistant", **kind)
    box = gr.Textbox(label="Question")
    box.submit(post, [box, chatbot], [box, chatbot]).then(answer, chatbot, chatbot)

if __name__ == "__main__":
    demo.launch()
