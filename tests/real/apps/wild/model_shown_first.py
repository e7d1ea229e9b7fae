# mypy: ignore-errors
"""Enter only shows the question, and a button has it answered, with what the box still holds."""

import gradio as gr
from llm import stream


def show(messages, text):
    return [*messages, {"role": "user", "content": text}], ""


def answer(messages, text):
    if text:
        messages = [*messages, {"role": "user", "content": text}]
    *before, question = messages
    said = ""
    for piece in stream(question["content"], before):
        said += piece
        yield [*messages, {"role": "assistant", "content": said}]


with gr.Blocks() as demo:
    chat = gr.Chatbot(type="messages")
    with gr.Tab(label="Input"):
        picture = gr.Image(label="Picture")
        box = gr.Textbox(label="Input Text", placeholder="Type here and press enter")
        button = gr.Button("Generate")
    box.submit(show, [chat, box], [chat, box])
    button.click(answer, [chat, box], [chat])

demo.launch()
