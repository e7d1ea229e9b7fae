import gradio as gr
from llm import stream


def chat(message, history, model):
    text = ""
    for piece in stream(message, history, model=model):
        text += piece
        yield text


with gr.Blocks() as demo:
    for number in range(2):
        with gr.Tab(f"Model {number}"):
            gr.ChatInterface(chat, additional_inputs=[gr.State(f"m{number}")])

if __name__ == "__main__":
    demo.queue().launch()
