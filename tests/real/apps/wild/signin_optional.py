import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history, token: gr.OAuthToken | None):
    history = history + [
        {"role": "user", "content": message},
        {"role": "assistant", "content": ""},
    ]
    if token is None:
        history[-1]["content"] = "Please sign in first."
        yield "", history
        return
    for piece in stream(message, history[:-2], token=token.token):
        history[-1]["content"] += piece
        yield "", history


with gr.Blocks() as demo:
    gr.LoginButton()
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(label="Message")
    box.submit(respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
