import gradio as gr
from llm import stream


def generate(prompt, max_length, temperature):
    text = ""
    for n, piece in enumerate(stream(prompt, [], "code", max=max_length, temp=temperature)):
        text += piece
        yield text, {"pieces": n + 1}


with gr.Blocks() as demo:
    with gr.Row():
        with gr.Column():
            prompt = gr.TextArea(label="Prompt")
            max_length = gr.Slider(10, 500, 100, step=10, label="Max length")
            temperature = gr.Slider(0.0, 1.0, 0.9, label="Temperature")
            go = gr.Button("Generate")
        with gr.Column():
            result = gr.Textbox(label="Result", lines=10, interactive=False)
            stats = gr.JSON(label="Statistics")
    go.click(generate, [prompt, max_length, temperature], [result, stats])

if __name__ == "__main__":
    demo.queue().launch()
