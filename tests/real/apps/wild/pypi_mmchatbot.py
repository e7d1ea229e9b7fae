import gradio as gr
from gradio_awsbr_mmchatbot import MultiModalChatbot
from gradio_rich_textbox import RichTextbox
from llm import stream


def respond(text, pairs):
    pairs = pairs or []
    history = [[user.text, bot.text] for user, bot in pairs]
    pairs.append([{"text": text, "files": []}, {"text": "", "files": []}])
    for piece in stream(text, history):
        pairs[-1][1]["text"] += piece
        yield "", pairs


with gr.Blocks() as demo:
    chatbot = MultiModalChatbot(height=400)
    box = RichTextbox(label="Message")
    box.submit(respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
