import gradio as gr
from llm import stream


def generate(prompt, temperature, tokens, version):
    text = ""
    for piece in stream(prompt, [], "code", model=version):
        text += piece
        yield text


with gr.Blocks() as demo:
    gr.Markdown("# 💫 Tiny coder playground")
    with gr.Row():
        version = gr.Dropdown(["tiny", "tiny-plus"], value="tiny", label="Model")
    with gr.Row(), gr.Column():
        instruction = gr.Textbox(
            placeholder="Enter your code here", lines=5, label="Input", elem_id="q-input"
        )
        submit = gr.Button("Generate", variant="primary")
        output = gr.Code(elem_id="q-output", lines=30, label="Output")
        with gr.Accordion("Advanced settings", open=False):
            temperature = gr.Slider(0.0, 1.0, value=0.2, step=0.05, label="Temperature")
            tokens = gr.Slider(0, 8192, value=256, step=64, label="Max new tokens")
        gr.Examples([["def f(x):"], ["# a server"]], inputs=[instruction])
    submit.click(generate, [instruction, temperature, tokens, version], [output])

if __name__ == "__main__":
    demo.queue(max_size=16).launch()
