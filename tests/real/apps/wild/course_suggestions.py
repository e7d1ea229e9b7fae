import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}
IDEAS = ["What is a list?", "What is a loop?", "Explain recursion"]


def start(message, history):
    return "", [*history, {"role": "user", "content": message}], gr.Row(visible=False)


def answer_last(history):
    said = history[-1]["content"]
    said = said if isinstance(said, str) else said[0]["text"]
    before = turns(history[:-1])
    history.append({"role": "assistant", "content": ""})
    for piece in stream(said, before):
        history[-1]["content"] += piece
        yield history


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(
        value=[{"role": "assistant", "content": "Hello! What shall we learn?"}], **KIND
    )
    with gr.Row() as ideas:
        buttons = [gr.Button(idea, size="sm") for idea in IDEAS]
    box = gr.Textbox(placeholder="Ask me anything about Python", show_label=False)
    box.submit(start, [box, chatbot], [box, chatbot, ideas]).then(answer_last, chatbot, chatbot)
    for button in buttons:
        button.click(start, [button, chatbot], [box, chatbot, ideas]).then(
            answer_last, chatbot, chatbot
        )

if __name__ == "__main__":
    demo.launch()
