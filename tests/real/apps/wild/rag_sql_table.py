import gradio as gr
from llm import answer


def ask(text):
    return answer(text, [], "code"), [["a", 1], ["b", 2]]


demo = gr.Interface(
    fn=ask,
    inputs=gr.Textbox(lines=2, label="Ask in plain English…"),
    outputs=[
        gr.Code(label="Generated SQL", language="sql"),
        gr.Dataframe(label="Query Results", headers=["name", "count"]),
    ],
    title="Talk to a table",
)

if __name__ == "__main__":
    demo.launch()
