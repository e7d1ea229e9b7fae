import gradio as gr
from llm import stream


def wait():
    return "## ⏳ Working on it\n\nThe documents are being searched.", "…"


def research(question, rounds):
    text = ""
    for piece in stream(question):
        text += piece
        yield text, f"{rounds} rounds"


with gr.Blocks(title="Research") as demo:
    with gr.Row():
        with gr.Column():
            question = gr.Textbox(label="Research question", lines=4)
            rounds = gr.Slider(1, 8, value=2, step=1, label="Rounds")
            button = gr.Button("Start", variant="primary")
        with gr.Column(scale=2):
            report = gr.Markdown("Ask, then press the button.")
            about = gr.Markdown("Nothing has run.")
    button.click(wait, outputs=[report, about]).then(research, [question, rounds], [report, about])

if __name__ == "__main__":
    demo.launch()
