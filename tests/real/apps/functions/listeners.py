import collections

import gradio as gr

COUNT = 20
CALLS = collections.Counter()
"""How often each function was called."""


def answer(number):
    def answer_it(message):
        CALLS[f"f{number}"] += 1
        return f"{number} says {message}"

    return answer_it


def note(number):
    def note_it(text):
        CALLS[f"note{number}"] += 1
        return f"noted {text}"

    return note_it


def log(number):
    def log_it(text):
        CALLS[f"log{number}"] += 1

    return log_it


def ask(message, chat):
    CALLS["ask"] += 1
    return "", f"{chat}{message}? "


def respond(chat):
    CALLS["respond"] += 1
    for word in ("And ", "then."):
        chat += word
        yield chat


with gr.Blocks() as demo:
    message = gr.Textbox(label="Message")
    send = gr.Button("Send")
    chained = gr.Button("Send and note")
    for number in range(COUNT):
        shown = gr.Textbox(label=f"Answer {number}")
        noted = gr.Textbox(label=f"Note {number}")
        send.click(answer(number), message, shown, api_name=f"f{number}")
        chained.click(answer(number), message, shown, api_name=f"g{number}").then(
            note(number), shown, noted, api_name=f"note{number}"
        ).then(log(number), noted, None, api_name=f"log{number}")
    talk = gr.Textbox(label="Talk")
    send.click(ask, [message, talk], [message, talk], api_name="ask").then(
        respond, talk, talk, api_name="respond"
    )
    counts = gr.JSON(label="calls")
    gr.Button("calls").click(lambda: dict(CALLS), None, counts, queue=False, api_name="calls")

if __name__ == "__main__":
    demo.launch()
