import gradio as gr
from llm import stream


def compare(prompt, temperature):
    left = right = ""
    for piece in stream(prompt, [], "cjk", temperature=temperature):
        left += piece
        right += piece.upper()
        yield left, right


with gr.Blocks() as ui:
    gr.Markdown("# Compare two models")
    prompt = gr.Textbox(label="Prompt", lines=3)
    temperature = gr.Slider(0, 2, 1, label="Temperature")
    go = gr.Button("Compare")
    with gr.Row():
        first = gr.Textbox(label="Model A", lines=10)
        second = gr.Textbox(label="Model B", lines=10)
    go.click(compare, [prompt, temperature], [first, second])

if __name__ == "__main__":
    ui.launch()
