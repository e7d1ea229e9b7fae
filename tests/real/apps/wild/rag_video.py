import gradio as gr
from llm import answer


def summarize(link):
    return f"A summary of {link}"


def ask(link, question):
    return answer(question, [], link=link or "none")


with gr.Blocks() as demo:
    gr.Markdown("# 🎥 Ask a video")
    link = gr.Textbox(label="Video URL")
    with gr.Row():
        shorten = gr.Button("Summarize")
        summary = gr.Textbox(label="Summary", lines=10)
    question = gr.Textbox(label="Ask a question about the video")
    button = gr.Button("Ask")
    reply = gr.Textbox(label="Answer", lines=3)
    shorten.click(summarize, link, summary)
    button.click(ask, [link, question], reply)

if __name__ == "__main__":
    demo.launch()
