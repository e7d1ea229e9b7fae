import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def take(message, history, count):
    return "", history + [{"role": "user", "content": message}], count + 1


def respond(history):
    *before, last = history
    content = last["content"]
    text = content if isinstance(content, str) else content[0]["text"]
    shown = history + [{"role": "assistant", "content": ""}]
    for piece in stream(text, before):
        shown[-1]["content"] += piece
        yield shown


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(placeholder="Type a message")
    count = gr.Number(0, visible=False)
    box.submit(take, [box, chatbot, count], [box, chatbot, count])
    count.change(respond, chatbot, chatbot)

if __name__ == "__main__":
    demo.queue().launch()
