import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history, note, seed, extra):
    shown = history + [
        {"role": "user", "content": message},
        {"role": "assistant", "content": ""},
    ]
    told = repr((note, seed, extra))
    for piece in stream(message, history, got=told):
        shown[-1]["content"] += piece
        yield None, shown, None


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(placeholder="Type a message")
    note = gr.Textbox(label="Note", value="at first")
    seed = gr.Number(label="Seed")
    extra = gr.Radio(["a", "b"], label="Extra")
    box.submit(respond, [box, chatbot, note, seed, extra], [box, chatbot, note])

if __name__ == "__main__":
    demo.queue().launch()
