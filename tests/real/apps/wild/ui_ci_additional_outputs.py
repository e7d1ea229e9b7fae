import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history):
    text = ""
    for piece in stream(message, history, "markdown"):
        text += piece
        yield text, f"Sources of {message}", {"pieces": len(text)}


with gr.Blocks() as demo:
    sources = gr.Markdown(render=False, label="Sources")
    details = gr.JSON(render=False)
    with gr.Row():
        with gr.Column():
            gr.ChatInterface(respond, additional_outputs=[sources, details], **MESSAGES)
        with gr.Column():
            sources.render()
            details.render()

if __name__ == "__main__":
    demo.queue().launch()
