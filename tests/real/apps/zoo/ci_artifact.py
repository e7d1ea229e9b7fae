import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}

with gr.Blocks() as demo:
    code = gr.Code(label="Artifact", render=False)
    stats = gr.JSON(label="Usage", render=False)

    def chat(message, history):
        text = ""
        for n, piece in enumerate(stream(message, history, "code")):
            text += piece
            yield text, text[:10], {"tokens": n}

    with gr.Row():
        with gr.Column():
            gr.ChatInterface(chat, additional_outputs=[code, stats], **kind)
        with gr.Column():
            code.render()
            stats.render()

if __name__ == "__main__":
    demo.launch()
