import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history, tokens):
    text = ""
    files = len(message["files"])
    for piece in stream(message["text"], history, "cjk", files=files, max=tokens):
        text += piece
        yield text


demo = gr.ChatInterface(
    respond,
    multimodal=True,
    chatbot=gr.Chatbot(**MESSAGES),
    textbox=gr.MultimodalTextbox(file_types=["image"], file_count="multiple", label="Ask"),
    examples=[[{"text": "What is it?", "files": []}], [{"text": "Hello", "files": []}]],
    cache_examples=False,
    additional_inputs=[gr.Slider(1, 100, value=50, step=1, label="Tokens")],
    **MESSAGES,
)

if __name__ == "__main__":
    demo.queue().launch()
