from pathlib import Path

import gradio as gr

LIMIT = {} if gr.__version__.startswith("4.0.") else {"max_file_size": "15kb"}

demo = gr.Interface(
    lambda file: len(Path(file).read_bytes()),
    gr.File(label="file", type="filepath"),
    gr.Number(label="size"),
    api_name="size",
)

if __name__ == "__main__":
    demo.launch(**LIMIT)
