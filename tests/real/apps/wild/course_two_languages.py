import gradio as gr
from llm import answer, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def chat(message, history, translated, language):
    text = answer(message, turns(history))
    history = [
        *history,
        {"role": "user", "content": message},
        {"role": "assistant", "content": text},
    ]
    translated = [*translated, {"role": "assistant", "content": f"({language}) {text}"}]
    return "", history, translated


with gr.Blocks() as ui:
    language = gr.Dropdown(["French", "Hindi"], value="French", label="Translate to")
    with gr.Row():
        chatbot = gr.Chatbot(label="Chat in English", **KIND)
        translation = gr.Chatbot(label="Translated chat", **KIND)
    entry = gr.Textbox(label="Your message")
    entry.submit(chat, [entry, chatbot, translation, language], [entry, chatbot, translation])

if __name__ == "__main__":
    ui.launch()
