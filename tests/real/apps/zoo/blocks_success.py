import gradio as gr
from llm import stream

with gr.Blocks() as demo:
    gr.Markdown("# Support bot")
    with gr.Row():
        with gr.Column(scale=3):
            chatbot = gr.Chatbot([], label="Support")
            question = gr.Textbox(label="Your question")
            ask = gr.Button("Ask", variant="primary")
        with gr.Column(scale=1):
            status = gr.Markdown("Ready")

    def check(text):
        if not text.strip():
            raise gr.Error("Please type a question")
        return text

    def add(text, history):
        return "", history + [(text, None)], "Working…"

    def reply(history):
        history = [list(pair) for pair in history]
        history[-1][1] = ""
        for piece in stream(history[-1][0], history[:-1], "brackets"):
            history[-1][1] += piece
            yield history

    def done():
        return "Ready"

    for event in (ask.click, question.submit):
        event(check, question, question, queue=False).success(
            add, [question, chatbot], [question, chatbot, status], queue=False
        ).success(reply, chatbot, chatbot).success(done, None, status, queue=False)

if __name__ == "__main__":
    demo.queue(max_size=30).launch()
