"""Components that nobody knows: only their schemas and events say what they are."""

import gradio as gr
from gradio import component_meta
from gradio.components.base import Component
from gradio.data_classes import GradioModel, GradioRootModel
from llm import stream

component_meta.create_or_modify_pyi = lambda *_: None  # It would write a file beside this one.


class Line(GradioModel):
    role: str
    content: str
    mood: str | None = None


class Lines(GradioRootModel):
    root: list[Line]


class Quill(Component):
    """What a person writes with."""

    EVENTS = ("change", "submit")

    def preprocess(self, payload):
        return payload

    def postprocess(self, value):
        return value

    def api_info(self):
        return {"type": "string"}

    def example_payload(self):
        return ""

    def example_value(self):
        return ""


class Parchment(Component):
    """What a person reads."""

    EVENTS = ("change",)
    data_model = Lines

    def preprocess(self, payload):
        return [] if payload is None else [dict(line) for line in payload.root]

    def postprocess(self, value):
        return Lines(root=[Line(**line) for line in value or []])

    def example_payload(self):
        return []

    def example_value(self):
        return []


def respond(text, lines):
    history = list(lines)
    lines = [*lines, {"role": "user", "content": text}, {"role": "bard", "content": ""}]
    told = [{**line, "role": "user" if line["role"] == "user" else "assistant"} for line in history]
    for piece in stream(text, told):
        lines[-1]["content"] += piece
        yield "", lines


with gr.Blocks() as demo:
    parchment = Parchment()
    quill = Quill()
    quill.submit(respond, [quill, parchment], [quill, parchment])

if __name__ == "__main__":
    demo.queue().launch()
