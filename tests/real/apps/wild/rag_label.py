import gradio as gr

LINES = ["The sky is blue.", "Grass is green."]


def save(text, label, note):
    return f"Saved {label}: {text}", LINES[1]


with gr.Blocks() as demo:
    gr.Markdown("# Label the answers")
    shown = gr.Textbox(LINES[0], label="Text to annotate")
    label = gr.Radio(["good", "bad"], label="Label")
    note = gr.Textbox(label="Comment")
    go = gr.Button("Save label")
    saved = gr.Textbox(label="Saved", interactive=False)
    go.click(save, [shown, label, note], [saved, shown])

if __name__ == "__main__":
    demo.launch()
