import gradio as gr
from llm import stream

with gr.Blocks() as demo:
    gr.Markdown("# ⚔️ Chatbot arena\nTwo models answer; which one is better?")
    with gr.Row():
        left = gr.Chatbot(label="Model A")
        right = gr.Chatbot(label="Model B")
    with gr.Row(visible=False) as votes:
        gr.Button("👈 A is better")
        gr.Button("👉 B is better")
    box = gr.Textbox(label="Enter your prompt and press ENTER")
    send = gr.Button("Send")

    def add_text(text, a, b):
        return "", a + [[text, None]], b + [[text, None]]

    def run_model(name):
        def generate(history):
            pieces = stream(history[-1][0], history[:-1], "words", model=name)
            history[-1][1] = ""
            for piece in pieces:
                history[-1][1] += piece
                yield history

        return generate

    for event in (box.submit, send.click):
        added = event(add_text, [box, left, right], [box, left, right], queue=False)
        added.then(run_model("A"), left, left)
        added.then(run_model("B"), right, right).then(
            lambda: gr.Row(visible=True), None, votes, queue=False
        )

if __name__ == "__main__":
    demo.queue(max_size=20).launch()
