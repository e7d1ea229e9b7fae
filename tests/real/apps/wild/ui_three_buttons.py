import gradio as gr
from llm import answer


def ask(text):
    return answer(text, [], "words")


with gr.Blocks() as demo:
    text = gr.Textbox(label="Your text", lines=5)
    with gr.Row():
        summarise = gr.Button("Summarize")
        translate = gr.Button("To French")
        question = gr.Button("Ask the model")
    result = gr.Textbox(label="Result", lines=8)
    summarise.click(lambda t: t[:9], text, result, api_name="summarize")
    translate.click(lambda t: f"Bonjour {t}", text, result, api_name="translate")
    question.click(ask, text, result, api_name="ask")

if __name__ == "__main__":
    demo.launch()
