import gradio as gr
from llm import stream


def respond(message, history, request: gr.Request):
    text = ""
    for piece in stream(message, history, "words", user=request.username):
        text += piece
        yield text


demo = gr.ChatInterface(respond)

if __name__ == "__main__":
    demo.launch(auth=("user", "secret"), auth_message="Members only")
