import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history, system, temperature):
    text = ""
    for piece in stream(message, history, "code", system=system, temp=temperature):
        text += piece
        yield text


with gr.Blocks(fill_height=True) as demo:
    system = gr.Textbox("Be brief.", label="System prompt", render=False)
    temperature = gr.Slider(0, 1, value=0.5, label="Temperature", render=False)
    gr.ChatInterface(
        respond,
        chatbot=gr.Chatbot(height=300, placeholder="Ask away", render=False, **MESSAGES),
        textbox=gr.Textbox(placeholder="A yes or no question", container=False, render=False),
        additional_inputs=[system, temperature],
        additional_inputs_accordion=gr.Accordion("Options", open=False, render=False),
        submit_btn="Go",
        stop_btn="Halt",
        autofocus=False,
        **MESSAGES,
    )
    with gr.Sidebar() if hasattr(gr, "Sidebar") else gr.Column():
        gr.Markdown("# About")
        note = gr.Textbox(label="Note to self")
        kept = gr.Markdown()
        gr.Button("Keep").click(lambda n: n, note, kept)

if __name__ == "__main__":
    demo.queue().launch()
