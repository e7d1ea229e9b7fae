import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def model(history, system, tokens):
    said = history[-1]["content"]
    said = said if isinstance(said, str) else said[0]["text"]
    before = turns(history[:-1])
    history.append({"role": "assistant", "content": ""})
    for piece in stream(said, before, "emoji", system=system, tokens=tokens):
        history[-1]["content"] += piece
        yield history


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**KIND)
    box = gr.Textbox(label="Prompt")
    with gr.Accordion("Advanced options", open=False):
        system = gr.Textbox(label="System message", value="Be kind.", lines=2)
        tokens = gr.Slider(8, 4096, 1024, label="Max new tokens")
    button = gr.Button("Submit")
    clear = gr.ClearButton([box, chatbot], value="Clear console")

    def add(message, history):
        return "", [*history, {"role": "user", "content": message}]

    gr.on([button.click, box.submit], add, [box, chatbot], [box, chatbot], queue=False).then(
        model, [chatbot, system, tokens], [chatbot]
    )

if __name__ == "__main__":
    demo.queue().launch()
