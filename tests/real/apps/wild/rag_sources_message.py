import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history):
    before = turns(history)
    history.append({"role": "user", "content": message})
    history.append({"role": "assistant", "content": ""})
    for piece in stream(message, before, "brackets"):
        history[-1]["content"] += piece
        yield "", history
    sources = "1. [A page](https://a.example)\n2. [Another](https://b.example)"
    history.append(
        {"role": "assistant", "content": sources, "metadata": {"title": "📚 Sources (2)"}}
    )
    yield "", history


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(label="Search", **KIND)
    with gr.Row():
        box = gr.Textbox(placeholder="Search or ask anything", show_label=False, scale=6)
        send = gr.Button("Search", scale=1)
    gr.on([box.submit, send.click], respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.launch()
