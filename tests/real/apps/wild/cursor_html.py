import gradio as gr
from llm import stream


def shown(text, cursor=""):
    return f'<div class="answer"><p>{text}{cursor}</p></div>'


def respond(question):
    text = ""
    yield '<div class="loader"></div>'
    for piece in stream(question):
        text += piece.replace("\n\n", "<br>")
        yield shown(text, '<span class="blink">&#9612;</span>')
    yield shown(text)


with gr.Blocks() as demo:
    gr.Markdown("## Chat with a page")
    question = gr.Textbox(label="Question", placeholder="Ask anything")
    send = gr.Button("Send")
    output = gr.HTML(label="Answer")
    send.click(respond, question, output)

if __name__ == "__main__":
    demo.launch()
