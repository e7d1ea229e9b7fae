import time

import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def add_message(history, message):
    for x in message["files"]:
        history.append({"role": "user", "content": {"path": x}})
    if message["text"] is not None:
        history.append({"role": "user", "content": message["text"]})
    return history, gr.MultimodalTextbox(value=None, interactive=False)


def bot(history):
    question = history[-1]["content"]
    question = question if isinstance(question, str) else question[0]["text"]
    before = history[:-1]
    history.append({"role": "assistant", "content": ""})
    for piece in stream(question, before, "emoji"):
        history[-1]["content"] += piece
        time.sleep(0.001)
        yield history


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(elem_id="chatbot", **kind)
    chat_input = gr.MultimodalTextbox(
        interactive=True, file_count="multiple", placeholder="Enter message or upload file..."
    )
    chat_msg = chat_input.submit(add_message, [chatbot, chat_input], [chatbot, chat_input])
    bot_msg = chat_msg.then(bot, chatbot, chatbot, api_name="bot_response")
    bot_msg.then(lambda: gr.MultimodalTextbox(interactive=True), None, [chat_input])

if __name__ == "__main__":
    demo.launch()
