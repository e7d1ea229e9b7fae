import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


MODELS = ["tiny", "small"]


def respond(message, history, model, notes):
    shown = history + [
        {"role": "user", "content": message},
        {"role": "assistant", "content": ""},
    ]
    for piece in stream(message, history, model=model, notes=repr(notes)):
        shown[-1]["content"] += piece
        yield "", shown


def fill():
    return gr.Dropdown(choices=MODELS, value=MODELS[1])


def count_visit():
    raise gr.Error("The counter is down")


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**MESSAGES)
    box = gr.Textbox(placeholder="Ask anything")
    model = gr.Dropdown([], label="Model")
    notes = gr.Textbox(label="Notes", value="a note")
    visits = gr.Number(label="Visits")
    box.submit(respond, [box, chatbot, model, notes], [box, chatbot])
    demo.load(fill, None, model)
    demo.load(count_visit, None, [visits, chatbot])
    model.change(lambda _: None, model, notes)

if __name__ == "__main__":
    demo.queue().launch()
