import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def text_of(content):
    return content if isinstance(content, str) else content[0]["text"]


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**kind)
    msg = gr.Textbox()
    clear = gr.Button("Clear")

    def user(user_message, history: list):
        return "", history + [{"role": "user", "content": user_message}]

    def bot(history: list):
        question = text_of(history[-1]["content"])
        pieces = stream(question, history[:-1], "repeats")
        history.append({"role": "assistant", "content": ""})
        for piece in pieces:
            history[-1]["content"] += piece
            yield history

    msg.submit(user, [msg, chatbot], [msg, chatbot], queue=False).then(bot, chatbot, chatbot)
    clear.click(lambda: None, None, chatbot, queue=False)

if __name__ == "__main__":
    demo.launch()
