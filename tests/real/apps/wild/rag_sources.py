import gradio as gr
from llm import answer


def ask(question):
    if not question.strip():
        return "Please enter a question.", ""
    return answer(question), "guide.pdf, manual.pdf"


with gr.Blocks(title="Assistant") as demo:
    gr.Markdown("# 📄 Assistant for documents\nAsk questions about uploaded documents.")
    with gr.Row():
        question = gr.Textbox(
            label="Your Question", placeholder="Ask something from the documents...", lines=2
        )
    with gr.Row():
        reply = gr.Markdown(label="Answer")
        sources = gr.Textbox(label="Sources")
    button = gr.Button("Ask")
    button.click(ask, question, [reply, sources])

if __name__ == "__main__":
    demo.launch()
