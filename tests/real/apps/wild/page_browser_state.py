import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history, kept):
    kept["asked"].append(message)
    shown = history + [
        {"role": "user", "content": message},
        {"role": "assistant", "content": ""},
    ]
    for piece in stream(message, history, asked=len(kept["asked"])):
        shown[-1]["content"] += piece
        yield "", shown, kept


with gr.Blocks() as demo:
    kept = gr.BrowserState({"asked": []})
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(placeholder="Type a message")
    box.submit(respond, [box, chatbot, kept], [box, chatbot, kept])

if __name__ == "__main__":
    demo.queue().launch()
