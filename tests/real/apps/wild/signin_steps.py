import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def add_question(message, history):
    return "", history + [{"role": "user", "content": message}]


def answer(history, token: gr.OAuthToken):
    *earlier, last = history
    content = last["content"]
    question = content if isinstance(content, str) else content[0]["text"]
    history = history + [{"role": "assistant", "content": ""}]
    for piece in stream(question, earlier, token=token.token):
        history[-1]["content"] += piece
        yield history


with gr.Blocks() as demo:
    with gr.Row():
        gr.Markdown("# An assistant of your own account")
        gr.LoginButton()
    chatbot = gr.Chatbot(**MESSAGES)
    with gr.Row():
        box = gr.Textbox(show_label=False, placeholder="Ask something")
        send = gr.Button("Send")
    for event in (box.submit, send.click):
        event(add_question, [box, chatbot], [box, chatbot], queue=False).then(
            answer, chatbot, chatbot, api_name=False
        )

if __name__ == "__main__":
    demo.queue().launch()
