import gradio as gr
from llm import stream


def respond(message, history, system_message, max_tokens, temperature, top_p):
    settings = {"system": system_message, "max": max_tokens, "temp": temperature, "top_p": top_p}
    response = ""
    for token in stream(message, history, "markdown", **settings):
        response += token
        yield response


demo = gr.ChatInterface(
    respond,
    additional_inputs=[
        gr.Textbox(value="You are a friendly Chatbot.", label="System message"),
        gr.Slider(minimum=1, maximum=2048, value=512, step=1, label="Max new tokens"),
        gr.Slider(minimum=0.1, maximum=4.0, value=0.7, step=0.1, label="Temperature"),
        gr.Slider(
            minimum=0.1, maximum=1.0, value=0.95, step=0.05, label="Top-p (nucleus sampling)"
        ),
    ],
)

if __name__ == "__main__":
    demo.launch()
