import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def said(text):
    return {"role": "assistant", "content": text}


def respond(message, history):
    shown = [*history, {"role": "user", "content": message}]
    yield "", [*shown, said("🔍 Searching the web...")]
    yield "", [*shown, said("I found a page.")]
    yield "", [*shown, said("I found a page."), said("📄 Reading it...")]
    text = ""
    for piece in stream(message, []):
        text += piece
        yield "", [*shown, said("I found a page."), said(text + " ▍")]
    yield "", [*shown, said("I found a page."), said(text)]


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**kind)
    box = gr.Textbox(label="Message")
    box.submit(respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.launch()
