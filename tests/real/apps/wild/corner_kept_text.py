import gradio as gr
from llm import stream


def keep(text):
    return text


def ask(kept, told):
    text = ""
    for piece in stream(kept, told):
        text += piece
        yield [*told, [kept, text]], shown([*told, [kept, text]])


def shown(told):
    return [
        {"role": role, "content": text}
        for turn in told
        for role, text in zip(("user", "assistant"), turn, strict=True)
    ]


NEW = gr.__version__.startswith("6")

with gr.Blocks() as demo:
    told = gr.State([])
    kept = gr.State("")
    chat = gr.Chatbot(**({} if NEW else {"type": "messages"}))
    box = gr.Textbox(label="Your message")
    send = gr.Button("Send")
    box.change(keep, box, kept)
    send.click(ask, [kept, told], [told, chat])

if __name__ == "__main__":
    demo.launch()
