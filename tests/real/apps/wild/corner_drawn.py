from html import escape

import gradio as gr
from llm import stream


def draw(turns):
    bubbles = "".join(
        f'<div class="ask">{escape(asked)}</div><div class="say">{lines(said)}</div>'
        for asked, said in turns
    )
    return f'<div class="talk"><h4>Talk</h4>{bubbles}</div>'


def lines(text):
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line)


def ask(question, turns):
    text = ""
    for piece in stream(question, turns):
        text += piece
        yield "", draw([*turns, [question, text]]), [*turns, [question, text]]


with gr.Blocks() as demo:
    turns = gr.State([])
    shown = gr.HTML(draw([]))
    box = gr.Textbox(placeholder="Type a message")
    box.submit(ask, [box, turns], [box, shown, turns])

if __name__ == "__main__":
    demo.launch()
