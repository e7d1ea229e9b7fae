import asyncio

import gradio as gr
from llm import stream


async def slow_echo(message, history):
    text = ""
    for piece in stream(message, history, "repeats"):
        text += piece
        await asyncio.sleep(0)
        yield text


demo = gr.ChatInterface(slow_echo).queue(max_size=20)

if __name__ == "__main__":
    demo.launch()
