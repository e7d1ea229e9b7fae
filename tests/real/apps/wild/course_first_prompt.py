import gradio as gr
from llm import stream


def brief(prompt, model):
    text = ""
    for piece in stream(prompt, [], "code", model=model):
        text += piece
        yield text


view = gr.Interface(
    fn=brief,
    inputs=[
        gr.Textbox(label="Your message:", lines=6),
        gr.Dropdown(["large", "small"], label="Select model", value="large"),
    ],
    outputs=[gr.Markdown(label="Response:")],
)

if __name__ == "__main__":
    view.launch()
