import gradio as gr
from llm import answer


def teach(age, goals, level, message):
    return answer(message, [], "markdown", age=age, level=level)


demo = gr.Interface(
    teach,
    [
        gr.Number(20, label="Age"),
        gr.Textbox("Learn well", label="Learning goals"),
        gr.Radio(["Beginner", "Advanced"], value="Beginner", label="Knowledge level"),
        gr.Textbox(label="Message", placeholder="Ask your question"),
    ],
    gr.Textbox(label="Response"),
    title="Teaching assistant",
)

if __name__ == "__main__":
    demo.launch()
