import gradio as gr
from llm import answer


def greet(name):
    return answer(name, [], "code")


demo = gr.Interface(
    fn=greet,
    inputs=gr.Textbox(lines=2, label="Ask a question", placeholder="Why is the sky blue?"),
    outputs=gr.Textbox(label="Answer"),
)

if __name__ == "__main__":
    demo.launch()
