import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history, system_message, max_tokens, hf_token: gr.OAuthToken):
    text = ""
    for piece in stream(message, history, token=hf_token.token):
        text += piece
        yield text


chat = gr.ChatInterface(
    respond,
    additional_inputs=[
        gr.Textbox(value="You are a friendly chatbot.", label="System message"),
        gr.Slider(minimum=1, maximum=2048, value=512, step=1, label="Max new tokens"),
    ],
    **MESSAGES,
)

with gr.Blocks() as demo:
    with gr.Sidebar() if hasattr(gr, "Sidebar") else gr.Column():
        gr.LoginButton()
    chat.render()

if __name__ == "__main__":
    demo.launch()
