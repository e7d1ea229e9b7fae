import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(text, history):
    shown = [*history, {"role": "user", "content": text}, {"role": "assistant", "content": ""}]
    for piece in stream(text, history):
        shown[-1]["content"] += piece
        yield "", shown


with gr.Blocks() as demo:
    library = gr.State({})
    with gr.Row():
        with gr.Column(scale=1):
            gr.Markdown("### Prompt library")
            name = gr.Textbox(label="Prompt name")
            prompt = gr.Textbox(label="Prompt text", lines=6)
            with gr.Row():
                save = gr.Button("Save")
                delete = gr.Button("Delete")
            listed = gr.Markdown("Nothing yet")
        with gr.Column(scale=3):
            chatbot = gr.Chatbot(**MESSAGES)
            box = gr.Textbox(show_label=False)
    save.click(
        lambda kept, n, p: ({**kept, n: p}, f"Saved {n}"),
        [library, name, prompt],
        [library, listed],
    )
    delete.click(lambda _, n: ({}, f"Deleted {n}"), [library, name], [library, listed])
    name.submit(lambda kept, n: kept.get(n, ""), [library, name], prompt)
    box.submit(respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
