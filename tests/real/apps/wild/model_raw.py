import gradio as gr
from llm import stream

EXAMPLES = [["Why do cats purr?", 300, 1.2], ["Write a song about cats.", 100, 1.0]]


def evaluate(ctx, token_count=200, temperature=1.0, top_p=0.7, presence=0.1, count=0.1):
    text = ""
    for piece in stream(ctx, [], "indented", count=token_count):
        text += piece
        yield text.strip()
    yield text.strip()


with gr.Blocks(title="Tiny RNN") as demo:
    gr.HTML("<h1>Tiny RNN</h1>")
    with gr.Tab("Raw Generation"):
        gr.Markdown("A model of an unusual kind.")
        with gr.Row():
            with gr.Column():
                prompt = gr.Textbox(lines=2, label="Prompt", value="Why do cats purr?")
                token_count = gr.Slider(10, 300, label="Max Tokens", step=10, value=300)
                temperature = gr.Slider(0.2, 2.0, label="Temperature", step=0.1, value=1.0)
                top_p = gr.Slider(0.0, 1.0, label="Top P", step=0.05, value=0.3)
                presence = gr.Slider(0.0, 1.0, label="Presence Penalty", step=0.1, value=1)
                count = gr.Slider(0.0, 1.0, label="Count Penalty", step=0.1, value=1)
            with gr.Column():
                with gr.Row():
                    submit = gr.Button("Submit", variant="primary")
                    clear = gr.Button("Clear", variant="secondary")
                output = gr.Textbox(label="Output", lines=5)
        data = gr.Dataset(
            components=[prompt, token_count, temperature],
            samples=EXAMPLES,
            label="Example Instructions",
            headers=["Prompt", "Max Tokens", "Temperature"],
        )
        submit.click(evaluate, [prompt, token_count, temperature, top_p, presence, count], [output])
        clear.click(lambda: None, [], [output])
        data.click(lambda x: x, [data], [prompt, token_count, temperature])

if __name__ == "__main__":
    demo.queue(max_size=10).launch(share=False)
