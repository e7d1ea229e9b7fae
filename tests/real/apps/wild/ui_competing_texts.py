import gradio as gr


def tool(prefix):
    return lambda text: f"{prefix}: {text}"


with gr.Blocks() as demo:
    gr.Markdown("# Texts")
    text = gr.Textbox(label="Text", lines=6)
    with gr.Row():
        buttons = {name: gr.Button(name) for name in ("Summarize", "Rewrite", "Fix grammar")}
    result = gr.Textbox(label="Result", lines=6)
    for name, button in buttons.items():
        button.click(tool(name), text, result, api_name=name.lower().replace(" ", "_"))

if __name__ == "__main__":
    demo.launch()
