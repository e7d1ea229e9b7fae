import gradio as gr
from llm import stream


def chat_fn(message, history):
    partial = ""
    for token in stream(message, history, "code"):
        partial += token
        yield partial


def shout(text):
    return text.upper()


with gr.Blocks() as demo:
    gr.Markdown("## My assistant")
    with gr.Tab("About"):
        gr.Markdown("A demo with more than one thing in it.")
        with gr.Row():
            src = gr.Textbox(label="Text")
            dst = gr.Textbox(label="Upper case")
        gr.Button("Shout").click(shout, src, dst)
    with gr.Tab("Chat"):
        gr.ChatInterface(chat_fn)

if __name__ == "__main__":
    demo.launch()
