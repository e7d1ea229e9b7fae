import gradio as gr
from llm import stream


class Pages:
    number = 0


def add_text(history, text):
    if not text:
        raise gr.Error("Enter text")
    return [*history, [text, ""]]


def respond(history, question, file):
    for piece in stream(question, history[:-1], "cjk"):
        history[-1][1] += piece
        yield history, ""


def picture(file):
    return None


with gr.Blocks() as demo:
    with gr.Column(), gr.Row():
        chatbot = gr.Chatbot(value=[], elem_id="chatbot", height=680)
        page = gr.Image(label="Overview", height=680)
    with gr.Row():
        with gr.Column(scale=6):
            box = gr.Textbox(
                show_label=False, placeholder="Type here to ask your PDF", container=False
            )
        with gr.Column(scale=2):
            send = gr.Button("Send")
        with gr.Column(scale=2):
            file = gr.UploadButton("📁 Upload PDF", file_types=[".pdf"])
    file.upload(picture, file, page)
    send.click(add_text, [chatbot, box], [chatbot], queue=False).success(
        respond, [chatbot, box, file], [chatbot, box]
    ).success(picture, file, page)

if __name__ == "__main__":
    demo.queue().launch()
