import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def user(text, history):
    return gr.Textbox(value="", interactive=False), [*history, {"role": "user", "content": text}]


def retrieve(history):
    said = history[-1]["content"]
    said = said if isinstance(said, str) else said[0]["text"]
    return [{"text": said, "page": 3}], "Searching the library…"


def generate(history, found):
    before = turns(history)
    history.append({"role": "assistant", "content": ""})
    for piece in stream(found[0]["text"], before, page=found[0]["page"]):
        history[-1]["content"] += piece
        yield history


def show(found):
    return f"Page {found[0]['page']}", gr.Textbox(interactive=True)


with gr.Blocks() as demo:
    found = gr.State()
    with gr.Row():
        chatbot = gr.Chatbot(label="Librarian", **KIND)
        with gr.Column():
            info = gr.Markdown()
            context = gr.Textbox(label="Retrieved context", lines=6)
    box = gr.Textbox(label="Question")
    box.submit(user, [box, chatbot], [box, chatbot], queue=False).then(
        retrieve, chatbot, [found, info]
    ).then(generate, [chatbot, found], chatbot).then(show, found, [context, box])

if __name__ == "__main__":
    demo.launch()
