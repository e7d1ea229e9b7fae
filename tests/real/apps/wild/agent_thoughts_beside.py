import gradio as gr
from llm import stream


def run(task, steps):
    text = ""
    for piece in stream(task, [], steps=steps):
        text += piece
        yield "I think, therefore I look it up.", "search(sky)", text


with gr.Blocks() as demo:
    with gr.Row():
        with gr.Column():
            task = gr.Textbox(label="Task", placeholder="What should the agent do?", lines=4)
            steps = gr.Slider(1, 10, 5, step=1, label="Steps")
            go = gr.Button("Run agent", variant="primary")
        with gr.Column():
            thoughts = gr.Textbox(label="Agent thoughts", lines=6)
            calls = gr.Textbox(label="Tool calls", lines=6)
            final = gr.Textbox(label="Final answer", lines=6)
    go.click(run, [task, steps], [thoughts, calls, final])

if __name__ == "__main__":
    demo.launch()
