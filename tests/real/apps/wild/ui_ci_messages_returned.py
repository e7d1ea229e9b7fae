import gradio as gr
from llm import answer

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history):
    return gr.ChatMessage(role="assistant", content=answer(message, history, "brackets"))


demo = gr.ChatInterface(respond, **MESSAGES)

if __name__ == "__main__":
    demo.launch()
