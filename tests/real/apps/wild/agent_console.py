import json

import gradio as gr

TOOLS = ["delete_file", "send_mail", "restart"]


def call(tool, arguments):
    return {"tool": tool, "arguments": json.loads(arguments or "{}")}, "ran"


with gr.Blocks() as demo:
    gr.Markdown("# Tool console")
    tool = gr.Dropdown(TOOLS, value=TOOLS[0], label="Tool")
    arguments = gr.Textbox(label="Arguments (JSON)", value="{}", lines=4)
    go = gr.Button("Call tool")
    result = gr.JSON(label="Result")
    status = gr.Textbox(label="Status", interactive=False)
    go.click(call, [tool, arguments], [result, status])

if __name__ == "__main__":
    demo.launch()
