import time

import gradio as gr
from gradio import ChatMessage
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}

sleep_time = 0.002


def simulate_thinking_chat(message, history):
    thought = ChatMessage(content="", metadata={"title": "Thinking step by step", "id": 0})
    for word in ["First,", " I consider", " the question."]:
        time.sleep(sleep_time)
        thought.content += word
        yield thought
    reply = ChatMessage(content="")
    for piece in stream(message, history, "words"):
        reply.content += piece
        yield [thought, reply]


demo = gr.ChatInterface(simulate_thinking_chat, title="Thinking chat 🤔", **kind)

if __name__ == "__main__":
    demo.launch()
