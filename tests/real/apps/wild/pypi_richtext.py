import gradio as gr
from gradio_autopilot_chatbot import AgentChatbot
from gradio_richtext import RichText
from llm import stream


def respond(text, messages):
    history = list(messages)
    messages.append({"role": "user", "name": "You", "content": text})
    messages.append({"role": "assistant", "name": "Tiny", "content": ""})
    for piece in stream(text, history):
        messages[-1]["content"] += piece
        yield "", messages


with gr.Blocks() as demo:
    chatbot = AgentChatbot(type="messages")
    box = RichText()
    box.submit(respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
