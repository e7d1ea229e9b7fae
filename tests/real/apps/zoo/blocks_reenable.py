import gradio as gr
from llm import stream


def add_text(history, text):
    return history + [(text, None)], gr.Textbox(value="", interactive=False)


def bot(history):
    question = history[-1][0]
    pieces = stream(question, history[:-1], "repeats")
    history[-1] = [question, ""]
    for piece in pieces:
        history[-1][1] += piece
        yield history


with gr.Blocks() as demo:
    chatbot = gr.Chatbot([], elem_id="chatbot", bubble_full_width=False)
    with gr.Row():
        txt = gr.Textbox(scale=4, show_label=False, container=False)
        btn = gr.UploadButton("📁", file_types=["image", "video", "audio"])

    txt_msg = txt.submit(add_text, [chatbot, txt], [chatbot, txt], queue=False).then(
        bot, chatbot, chatbot, api_name="bot_response"
    )
    txt_msg.then(lambda: gr.Textbox(interactive=True), None, [txt], queue=False)
    btn.upload(lambda h, f: h + [((f.name,), None)], [chatbot, btn], [chatbot], queue=False)

if __name__ == "__main__":
    demo.queue().launch()
