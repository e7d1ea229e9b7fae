import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}

greeting = [{"role": "assistant", "content": "Hi! I am **Ada**. What can I do for you?"}]


def talk(message, history):
    text = ""
    for piece in stream(message, history, "emoji", known=len(history)):
        text += piece
        yield text


demo = gr.ChatInterface(talk, chatbot=gr.Chatbot(value=greeting, label="Ada", **kind), **kind)

if __name__ == "__main__":
    demo.launch()
