import gradio as gr
from llm import stream


def complete(prompt):
    text = ""
    for piece in stream(prompt, [], "repeats"):
        text += piece
        yield text


demo = gr.Interface(fn=complete, inputs="text", outputs="text", title="Text generation")

if __name__ == "__main__":
    demo.launch()
