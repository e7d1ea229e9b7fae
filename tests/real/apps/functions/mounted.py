import tempfile
import time
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI

FOLDER = Path(tempfile.mkdtemp())


def count(n):
    for number in range(int(n)):
        time.sleep(0.02)
        yield number


def copy(file):
    path = FOLDER / Path(file).name
    path.write_bytes(Path(file).read_bytes())
    return str(path)


def total(number, before):
    return number + before, number + before


with gr.Blocks() as demo:
    number, out = gr.Number(label="n"), gr.Number(label="out")
    file, copied = gr.File(label="file", type="filepath"), gr.File(label="copied")
    state = gr.State(0)
    gr.Button("count").click(count, number, out, api_name="count")
    gr.Button("copy").click(copy, file, copied, api_name="copy")
    gr.Button("total").click(total, [number, state], [out, state], queue=False, api_name="total")

app = FastAPI()


@app.get("/")
def index():
    return {"this is": "no Gradio app"}


allowed = {"allowed_paths": [str(FOLDER)]} if not gr.__version__.startswith("4.0.") else {}
app = gr.mount_gradio_app(app, demo.queue(), path="/tools/calc", **allowed)

if __name__ == "__main__":
    uvicorn.run(app)
