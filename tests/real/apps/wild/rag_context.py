import gradio as gr
from llm import answer


def find(context, question):
    return answer(question, [], context=len(context)), 0.87


demo = gr.Interface(
    find,
    [
        gr.Textbox("The sky is blue.", label="Context", lines=7),
        gr.Textbox(label="Question"),
    ],
    [gr.Textbox(label="Answer"), gr.Number(label="Score")],
)

if __name__ == "__main__":
    demo.launch()
