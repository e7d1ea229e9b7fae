import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(text, history):
    shown = [*history, {"role": "user", "content": text}, {"role": "assistant", "content": ""}]
    for piece in stream(text, history):
        shown[-1]["content"] += piece
        yield shown, ""


with gr.Blocks() as demo:
    with gr.Tab("Documents"):
        url = gr.Textbox(label="Add a web page", placeholder="Which page?")
        add = gr.Button("Go")
        text = gr.Textbox(label="Or paste a text", lines=4)
        index = gr.Button("Index it")
        result = gr.Textbox(label="Result")
    with gr.Tab("Users"):
        user = gr.Textbox(label="Name of the user")
        ban = gr.Button("Ban")
        banned = gr.Markdown()
    with gr.Tab("Talk"):
        chatbot = gr.Chatbot(**MESSAGES)
        box = gr.Textbox(show_label=False, placeholder="Ask about the documents")
        send = gr.Button("➤")
    add.click(lambda u: f"Added {u}", url, result)
    url.submit(lambda u: f"Added {u}", url, result)
    index.click(lambda t: "Indexed", text, result)
    ban.click(lambda u: f"Banned {u}", user, banned)
    user.submit(lambda u: f"Banned {u}", user, banned)
    gr.on([box.submit, send.click], respond, [box, chatbot], [chatbot, box])

if __name__ == "__main__":
    demo.queue().launch()
