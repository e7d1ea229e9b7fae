import tempfile
from pathlib import Path

import gradio as gr

FOLDER = Path(tempfile.mkdtemp())
PICTURE = FOLDER / "example.txt"
PICTURE.write_text("an example", encoding="utf-8")


def greet(name, times):
    return f"Hello {name}! " * int(times)


def read(file):
    return Path(file).read_text(encoding="utf-8")


with gr.Blocks() as demo:
    name, times = gr.Textbox(label="name"), gr.Slider(1, 5, value=1, step=1, label="times")
    file = gr.File(label="file", type="filepath")
    greeting = gr.Textbox(label="greeting")
    gr.Button("greet").click(greet, [name, times], greeting, api_name="greet")
    gr.Button("read").click(read, file, greeting, api_name="read")
    gr.Examples(
        [["Ada", 1], ["Bob", 2]], [name, times], greeting, greet, run_on_click=True, label="people"
    )
    gr.Examples([[str(PICTURE)]], [file], greeting, read, cache_examples=True)

if __name__ == "__main__":
    demo.launch(allowed_paths=[str(FOLDER)])
