import gradio as gr
from llm import stream


def transfer(text, images):
    return text, images, gr.update(value=""), gr.update(value=None), gr.update(visible=True)


def predict(text, images, chatbot, history, top_p, temperature, model):
    shown = [*chatbot, [text, None]]
    reply = ""
    for piece in stream(text, history, model=model):
        reply += piece
        shown[-1][1] = reply
        yield shown, [*history, [text, reply]], "Generating..."
    yield shown, [*history, [text, reply]], "Generate: Success"


def retry(text, images, chatbot, history, *settings):
    if not history:
        yield chatbot, history, "Empty context"
        return
    yield from predict(history[-1][0], images, chatbot[:-1], history[:-1], *settings)


with gr.Blocks() as demo:
    history = gr.State([])
    sent_text = gr.State()
    sent_images = gr.State()
    with gr.Row():
        gr.HTML("<h1>A tiny model that sees</h1>")
        status = gr.Markdown("Success", elem_id="status_display")
    with gr.Row():
        with gr.Column(scale=4):
            chatbot = gr.Chatbot(elem_id="tiny_chatbot", height=500)
            with gr.Row():
                box = gr.Textbox(show_label=False, placeholder="Enter text", container=False)
                send = gr.Button("Send")
                cancel = gr.Button("Stop", visible=False)
            with gr.Row():
                empty = gr.Button("🧹 New Conversation")
                again = gr.Button("🔄 Regenerate")
                remove = gr.Button("🗑️ Remove Last Turn")
        with gr.Column():
            images = gr.Files(file_types=["image"])
            gallery = gr.Gallery(columns=[3], height="200px")
            images.change(lambda files: [each.name for each in files or []], images, gallery)
            with gr.Tab(label="Parameter Setting"):
                top_p = gr.Slider(0, 1.0, value=0.9, step=0.05, label="Top-p")
                temperature = gr.Slider(0, 1.0, value=0.1, step=0.1, label="Temperature")
                model = gr.Dropdown(["tiny-vl", "small-vl"], value="tiny-vl", label="Select Models")

    inputs = [sent_text, sent_images, chatbot, history, top_p, temperature, model]
    outputs = [chatbot, history, status]
    taken = [sent_text, sent_images, box, images, cancel]
    calls = [
        gr.on([box.submit, send.click], transfer, [box, images], taken).then(
            predict, inputs, outputs
        )
    ]
    empty.click(lambda: ([], [], "Done"), None, outputs)
    calls.append(again.click(retry, inputs, outputs))
    remove.click(lambda c, h: (c[:-1], h[:-1], "Removed"), [chatbot, history], outputs)
    cancel.click(lambda: "Stopped", None, status, cancels=calls)

if __name__ == "__main__":
    demo.queue().launch()
