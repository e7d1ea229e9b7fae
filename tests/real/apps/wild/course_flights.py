import gradio as gr
from llm import answer, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def put(message, history):
    return "", [*history, {"role": "user", "content": message}]


def chat(history):
    said = history[-1]["content"]
    said = said if isinstance(said, str) else said[0]["text"]
    text = answer(said, turns(history[:-1]))
    return [*history, {"role": "assistant", "content": text}], None, None


with gr.Blocks() as ui:
    with gr.Row():
        chatbot = gr.Chatbot(height=500, **KIND)
        picture = gr.Image(height=500, interactive=False)
    with gr.Row():
        sound = gr.Audio(autoplay=True)
    with gr.Row():
        entry = gr.Textbox(label="Chat with our assistant:")
    with gr.Row():
        clear = gr.Button("Clear")
    entry.submit(put, [entry, chatbot], [entry, chatbot]).then(
        chat, chatbot, [chatbot, sound, picture]
    )
    clear.click(lambda: None, None, chatbot, queue=False)

if __name__ == "__main__":
    ui.launch()
