import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def bot(history):
    said = history[-1]["content"]
    said = said if isinstance(said, str) else said[0]["text"]
    before = turns(history[:-1])
    history.append({"role": "assistant", "content": ""})
    for piece in stream(said, before, "repeats"):
        history[-1]["content"] += piece
        yield history


def user(message, history):
    return "", [*history, {"role": "user", "content": message}]


def retry(history, data: gr.RetryData):
    yield from bot(history[: data.index + 1])


def undo(history, data: gr.UndoData):
    return history[: data.index], history[data.index]["content"]


def like(data: gr.LikeData):
    print(data.liked)


def report(comment):
    return "Thank you!", ""


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(label="Tutor", **KIND)
    box = gr.Textbox(submit_btn=True, placeholder="Ask your tutor")
    box.submit(user, [box, chatbot], [box, chatbot]).then(bot, chatbot, chatbot)
    chatbot.retry(retry, chatbot, chatbot)
    chatbot.undo(undo, chatbot, [chatbot, box])
    chatbot.like(like, None, None)
    with gr.Accordion("How was it?", open=False):
        comment = gr.Textbox(label="Feedback", placeholder="Tell us what you think")
        thanks = gr.Markdown()
        gr.Button("Send").click(report, comment, [thanks, comment])

if __name__ == "__main__":
    demo.launch()
