import gradio as gr
from llm import answer


def respond(message, history):
    text = answer(message, history)
    history.append({"role": "user", "content": message})
    return text


demo = gr.ChatInterface(respond, type="messages")

if __name__ == "__main__":
    demo.launch()
