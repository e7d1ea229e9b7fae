import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def count_and_answer(message, history):
    n = len(message["files"])
    text = ""
    for piece in stream(message["text"], history, "emoji", files=n):
        text += piece
        yield text


demo = gr.ChatInterface(
    count_and_answer,
    title="See and talk",
    multimodal=True,
    textbox=gr.MultimodalTextbox(
        file_types=["image"], placeholder="Type or drop an image", show_label=False
    ),
    **kind,
)

if __name__ == "__main__":
    demo.launch()
