import gradio as gr
from llm import stream


def translate(text, language):
    return f"{text} ({language})"


def chat(message, history):
    text = ""
    for piece in stream(message, history):
        text += piece
        yield text


def summarise(text):
    return text[:20]


MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}
demo = gr.TabbedInterface(
    [
        gr.Interface(translate, ["text", gr.Dropdown(["fr", "de"], value="fr")], "text"),
        gr.Interface(summarise, "text", gr.Textbox(label="Summary")),
        gr.ChatInterface(chat, chatbot=gr.Chatbot(**MESSAGES), **MESSAGES),
    ],
    ["Translator", "Summarizer", "Chat"],
)

if __name__ == "__main__":
    demo.queue().launch()
