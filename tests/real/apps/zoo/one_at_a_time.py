import gradio as gr
from llm import stream

limits = {"concurrency_limit": 1}
if gr.__version__ >= "5":
    limits["time_limit"] = 30

with gr.Blocks() as demo:
    chatbot = gr.Chatbot(elem_classes=["chat"], show_label=False)
    text = gr.Textbox(placeholder="One at a time, please")

    def run(message, history):
        history = [*(history or []), [message, ""]]
        for piece in stream(message, history[:-1], "words"):
            history[-1][1] += piece
            yield gr.update(value=""), history

    text.submit(run, [text, chatbot], [text, chatbot], **limits)

if __name__ == "__main__":
    demo.queue(max_size=10).launch()
