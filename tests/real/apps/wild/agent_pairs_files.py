import tempfile
from pathlib import Path

import gradio as gr
from llm import stream

NOTE = Path(tempfile.mkdtemp()) / "table.csv"
NOTE.write_text("a,b\n1,2\n", encoding="utf-8")


def add(history, text):
    return [*history, (text, None)], ""


def respond(history, memory):
    question = history[-1][0]
    history[-1] = (question, "Here is the table:")
    yield history, memory
    history.append((None, (str(NOTE),)))
    yield history, memory
    history.append((None, ""))
    text = ""
    for piece in stream(question, memory):
        text += piece
        history[-1] = (None, text)
        yield history, memory
    yield history, [*memory, (question, text)]


with gr.Blocks() as demo:
    memory = gr.State([])
    chatbot = gr.Chatbot([], elem_id="chatbot")
    with gr.Row():
        box = gr.Textbox(show_label=False, placeholder="Enter text and press enter")
        upload = gr.UploadButton("📁")
    box.submit(add, [chatbot, box], [chatbot, box], queue=False).then(
        respond, [chatbot, memory], [chatbot, memory]
    )
    upload.upload(
        lambda history, file: [*history, ((file.name,), None)], [chatbot, upload], chatbot
    )

if __name__ == "__main__":
    demo.launch(allowed_paths=[str(NOTE.parent)])
