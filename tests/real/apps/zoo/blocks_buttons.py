import gradio as gr
from llm import stream


def predict(message, chat):
    chat = chat + [[message, ""]]
    for piece in stream(message, chat[:-1], "indented"):
        chat[-1][1] += piece
        yield "", chat


def undo(chat):
    return chat[-1][0] if chat else "", chat[:-1]


def retry(chat):
    if chat:
        yield from (history for _, history in predict(chat[-1][0], chat[:-1]))


with gr.Blocks(title="Chat") as demo:
    chatbot = gr.Chatbot(label="Chat")
    with gr.Row():
        clear_btn = gr.Button("🗑️ Clear")
        undo_btn = gr.Button("↩️ Undo")
        retry_btn = gr.Button("🔄 Retry")
    with gr.Row():
        msg = gr.Textbox(show_label=False, placeholder="Message", scale=8)
        stop_btn = gr.Button("Stop", variant="stop", scale=1)
        submit_btn = gr.Button("Send", variant="primary", scale=1)

    enter = msg.submit(predict, [msg, chatbot], [msg, chatbot])
    click = submit_btn.click(predict, [msg, chatbot], [msg, chatbot])
    retry_btn.click(retry, chatbot, chatbot)
    undo_btn.click(undo, chatbot, [msg, chatbot], queue=False)
    clear_btn.click(lambda: ("", []), None, [msg, chatbot], queue=False)
    stop_btn.click(None, None, None, cancels=[enter, click])

if __name__ == "__main__":
    demo.queue().launch(show_api=False)
