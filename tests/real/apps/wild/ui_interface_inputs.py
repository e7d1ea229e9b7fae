import gradio as gr
from llm import stream


def answer_question(context, question, temperature, style):
    text = ""
    for piece in stream(question, [], "brackets", context=context, style=style):
        text += piece
        yield text


demo = gr.Interface(
    answer_question,
    [
        gr.Textbox(lines=6, label="Context", value="The sky is blue."),
        gr.Textbox(lines=2, label="Question"),
        gr.Slider(0, 1, value=0.3, label="Temperature"),
        gr.Radio(["short", "long"], value="short", label="Style"),
    ],
    gr.Textbox(label="Answer"),
    title="Reading",
    description="Asks a tiny model about a text.",
)

if __name__ == "__main__":
    demo.queue().launch()
