import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def talk(message, history):
    text = "\n\n"
    for piece in stream(message, history, "code", known=len(history)):
        text += piece
        yield text


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**kind)
    gr.ChatInterface(talk, chatbot=chatbot, **kind)
    demo.load(lambda: [{"role": "assistant", "content": "Welcome!"}], None, chatbot)

if __name__ == "__main__":
    demo.launch()
