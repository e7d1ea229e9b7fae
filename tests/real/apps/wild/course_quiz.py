import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def discuss(question, history, chapter):
    text = ""
    before = turns(history)
    for piece in stream(question, before, chapter=chapter):
        text += piece
        said = [{"role": "user", "content": question}, {"role": "assistant", "content": text}]
        yield "", [*history, *said]


def draw(chapter):
    return "What is 1 + 1?", gr.Radio(choices=["1", "2"], value=None), ""


def check(chosen):
    return "Right!" if chosen == "2" else "Wrong."


with gr.Blocks() as demo:
    with gr.Tab("Discuss"):
        chapter = gr.Dropdown(["All", "1", "2"], value="All", label="Chapter")
        chatbot = gr.Chatbot(**KIND)
        question = gr.Textbox(label="Question", placeholder="Ask about the course")
        go = gr.Button("Submit")
        question.submit(discuss, [question, chatbot, chapter], [question, chatbot])
        go.click(discuss, [question, chatbot, chapter], [question, chatbot])
    with gr.Tab("Quiz"):
        number = gr.Dropdown(["1", "2"], value="1", label="Chapter")
        another = gr.Button("Generate a question")
        asked = gr.Textbox(label="Question", interactive=False)
        choices = gr.Radio([], label="Answers")
        confirm = gr.Button("Check my answer")
        verdict = gr.Textbox(label="Result")
        another.click(draw, number, [asked, choices, verdict])
        confirm.click(check, choices, verdict)

if __name__ == "__main__":
    demo.launch()
