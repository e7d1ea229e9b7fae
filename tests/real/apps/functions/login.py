import tempfile
from pathlib import Path

import gradio as gr

FOLDER = Path(tempfile.mkdtemp())


def copy(file, request: gr.Request):
    text = Path(file).read_text(encoding="utf-8")
    path = FOLDER / "copy.txt"
    path.write_text(f"{request.username}: {text}", encoding="utf-8")
    return str(path)


demo = gr.Interface(
    copy, gr.File(label="file", type="filepath"), gr.File(label="copy"), api_name="copy"
)

if __name__ == "__main__":
    demo.launch(auth=("user", "secret"), allowed_paths=[str(FOLDER)])
