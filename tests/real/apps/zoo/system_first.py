import gradio as gr
from llm import stream

with gr.Blocks() as demo:
    system = gr.Textbox(label="System prompt", value="You are a pirate.", lines=2)
    name = gr.Textbox(label="Your name", value="Jim")
    chatbot = gr.Chatbot()
    message = gr.Textbox(label="Message", placeholder="Ahoy!")
    with gr.Accordion("Parameters", open=False):
        max_new_tokens = gr.Slider(16, 1024, value=256, step=16, label="max_new_tokens")

    def chat(system_prompt, who, text, history, limit):
        before = history
        history = history + [[text, ""]]
        for piece in stream(text, before, "words", system=system_prompt, name=who, max=limit):
            history[-1][1] += piece
            yield history, ""

    message.submit(chat, [system, name, message, chatbot, max_new_tokens], [chatbot, message])

if __name__ == "__main__":
    demo.queue().launch()
