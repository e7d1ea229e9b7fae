import gradio as gr
from llm import answer


def execute_task(task, steps):
    return answer(task, steps=steps)


with gr.Blocks(title="Agent") as demo:
    gr.Markdown("# 🤖 Agent")
    task = gr.Textbox(label="Task to execute", placeholder="Describe what is to be done", lines=3)
    steps = gr.Slider(1, 10, value=4, step=1, label="Steps")
    with gr.Row():
        execute = gr.Button("🚀 Execute", variant="primary")
        clear = gr.Button("Clear")
    result = gr.Textbox(label="Result", lines=10, interactive=False)
    execute.click(execute_task, [task, steps], result)
    clear.click(lambda: ("", ""), outputs=[task, result])

if __name__ == "__main__":
    demo.launch()
