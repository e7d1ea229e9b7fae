import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history):
    shown = history + [
        {"role": "user", "content": message},
        {"role": "assistant", "content": ""},
    ]
    for piece in stream(message, history):
        shown[-1]["content"] += piece
        yield "", shown


with gr.Blocks() as demo:
    gr.Markdown("# Home\nGo to the chat.")
    name = gr.Textbox(label="Newsletter e-mail")
    name.submit(lambda text: f"Subscribed {text}", name, gr.Markdown(), api_name="subscribe")

with demo.route("Chat", "/chat"):
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(placeholder="Type a message")
    box.submit(respond, [box, chatbot], [box, chatbot])
    demo.load(lambda: [{"role": "assistant", "content": "Welcome!"}], None, chatbot)

if __name__ == "__main__":
    demo.queue().launch()
