"""Components of one's own: a letter is a text with files, and the answer a text."""

import gradio as gr
from gradio import component_meta
from gradio.components.base import Component
from gradio.data_classes import FileData, GradioModel
from llm import stream

component_meta.create_or_modify_pyi = lambda *_: None  # It would write a file beside this one.


class Letter(GradioModel):
    text: str
    files: list[FileData] | None = None


class Plain(Component):
    EVENTS = ("change",)

    def preprocess(self, payload):
        return payload

    def postprocess(self, value):
        return value

    def example_payload(self):
        return None

    def example_value(self):
        return None


class Mailbox(Plain):
    data_model = Letter

    def postprocess(self, value):
        return value and Letter(**value)


class Scroll(Plain):
    def api_info(self):
        return {"anyOf": [{"type": "string"}, {"type": "null"}]}


def respond(letter):
    answer = ""
    for piece in stream(letter.text):
        answer += piece
        yield None, answer


with gr.Blocks() as demo:
    scroll = Scroll()
    mailbox = Mailbox()
    send = gr.Button("Send")
    color = gr.ColorPicker(label="Ink")
    send.click(respond, [mailbox], [mailbox, scroll])

if __name__ == "__main__":
    demo.queue().launch()
