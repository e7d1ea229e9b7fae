import gradio as gr
from llm import stream


def predict(message, history):
    partial_message = ""
    for token in stream(message, history):
        partial_message += token
        yield partial_message


demo = gr.ChatInterface(predict, title="Tiny chat", description="Ask me anything.")

if __name__ == "__main__":
    demo.launch()
