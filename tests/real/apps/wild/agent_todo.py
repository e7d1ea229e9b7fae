import gradio as gr


def add(task, tasks):
    tasks = [*tasks, task]
    return "", tasks, "\n".join(f"- {each}" for each in tasks)


with gr.Blocks() as demo:
    gr.Markdown("# What the agent has to do")
    tasks = gr.State([])
    task = gr.Textbox(placeholder="What needs to be done?", show_label=False)
    button = gr.Button("Add")
    shown = gr.Markdown()
    gr.on([task.submit, button.click], add, [task, tasks], [task, tasks, shown])

if __name__ == "__main__":
    demo.launch()
