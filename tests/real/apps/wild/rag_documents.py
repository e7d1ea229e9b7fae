import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def index(files, size):
    return f"Indexed {len(files or [])} files in chunks of {size}."


def respond(message, history, top):
    history = history or []
    shown = [*history, {"role": "user", "content": message}, {"role": "assistant", "content": ""}]
    cards = "<div class='card'><b>guide.pdf</b>, page 3</div>"
    for piece in stream(message, history, top=top):
        shown[-1]["content"] += piece
        yield "", shown, cards


def remove(name):
    return f"{name} is gone"


with gr.Blocks() as demo:
    gr.Markdown("# Chat with your documents")
    with gr.Row():
        with gr.Column(scale=1):
            files = gr.File(label="Documents", file_count="multiple")
            size = gr.Slider(100, 2000, 500, step=100, label="Chunk size")
            build = gr.Button("Process documents")
            status = gr.Textbox(label="Status", value="Nothing is indexed", interactive=False)
            with gr.Accordion("Manage", open=False):
                name = gr.Textbox(label="Document name")
                drop = gr.Button("Delete")
                dropped = gr.Markdown()
        with gr.Column(scale=2):
            chatbot = gr.Chatbot(label="Conversation", **KIND)
            with gr.Row():
                box = gr.Textbox(placeholder="Ask a question about your documents", scale=4)
                ask = gr.Button("Ask", scale=1)
            top = gr.Slider(1, 10, 3, step=1, label="Top k")
            with gr.Accordion("Sources", open=False):
                cards = gr.HTML()
    build.click(index, [files, size], status)
    drop.click(remove, name, dropped)
    for event in (box.submit, ask.click):
        event(respond, [box, chatbot, top], [box, chatbot, cards])

if __name__ == "__main__":
    demo.queue().launch()
