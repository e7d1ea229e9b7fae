import gradio as gr
from llm import answer


def reply(message, history):
    return answer(message, history, "code")


demo = gr.ChatInterface(reply, examples=["hello", "hola"], cache_examples=False)

if __name__ == "__main__":
    demo.launch()
