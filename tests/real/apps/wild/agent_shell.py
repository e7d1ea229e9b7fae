import gradio as gr


def run(command):
    return f"$ {command}\n"


with gr.Blocks() as demo:
    gr.Markdown("# Sandbox of the agent")
    command = gr.Textbox(label="Command", placeholder="ls -la")
    output = gr.Textbox(label="Output", lines=10)
    go = gr.Button("Run")
    go.click(run, command, output)
    command.submit(run, command, output)

if __name__ == "__main__":
    demo.launch()
