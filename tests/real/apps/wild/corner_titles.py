import gradio as gr
from llm import stream

NEW = gr.__version__.startswith("6")


def ask(message, chat, told):
    chat = [*chat, {"role": "user", "content": message}]
    step = {"role": "assistant", "content": "reads", "metadata": {"title": "📖 Reader"}}
    yield "", [*chat, step], told
    said = {"role": "assistant", "content": "", "metadata": {"title": "🦉 Owl"}}
    for piece in stream(message, told):
        said["content"] += piece
        yield "", [*chat, step, dict(said)], told
    yield "", [*chat, step, said], [*told, [message, said["content"]]]


with gr.Blocks() as demo:
    told = gr.State([])
    chat = gr.Chatbot(**({} if NEW else {"type": "messages"}))
    box = gr.Textbox(label="Ask the owl")
    box.submit(ask, [box, chat, told], [box, chat, told])

if __name__ == "__main__":
    demo.launch()
