import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def greet(profile: gr.OAuthProfile | None):
    return "Sign in to save your chats." if profile is None else f"Hello {profile.name}!"


def respond(message, history):
    text = ""
    for piece in stream(message, history):
        text += piece
        yield text


with gr.Blocks() as demo:
    gr.LoginButton()
    hello = gr.Markdown()
    gr.ChatInterface(respond, **MESSAGES)
    demo.load(greet, None, hello)

if __name__ == "__main__":
    demo.launch()
