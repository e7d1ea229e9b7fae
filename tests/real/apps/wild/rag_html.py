from html import escape

import gradio as gr
from llm import answer


def bubble(side, text):
    shown = escape(text).replace("\n", "<br>")
    return f'<div class="{side}"><div style="border-radius: 12px">{shown}</div></div>'


def ask(question, language):
    return bubble("bot", answer(question, [], "emoji", language=language))


with gr.Blocks() as demo:
    gr.HTML("<h1>Help desk</h1>")
    language = gr.Dropdown(["English", "Deutsch"], value="English", label="Language")
    question = gr.Textbox(label="Question", placeholder="What is your problem?")
    button = gr.Button("Ask")
    shown = gr.HTML(label="Answer")
    button.click(ask, [question, language], shown)

if __name__ == "__main__":
    demo.launch()
