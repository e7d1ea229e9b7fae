import gradio as gr


def convert(file, target):
    return file


with gr.Blocks() as demo:
    source = gr.File(label="Document")
    target = gr.Dropdown(["pdf", "docx", "txt"], value="pdf", label="Convert to")
    button = gr.Button("Convert")
    converted = gr.File(label="Converted")
    button.click(convert, [source, target], converted)

if __name__ == "__main__":
    demo.launch()
