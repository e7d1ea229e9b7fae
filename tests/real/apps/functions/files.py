import os
import tempfile
from pathlib import Path

import gradio as gr

FOLDER = Path(tempfile.mkdtemp())


def told(paths):
    """The name and content of each file, in a line."""
    return [f"{Path(path).name}: {Path(path).read_text(encoding='utf-8')}" for path in paths]


def one(file):
    return "nothing" if file is None else told([file])[0]


def many(files):
    return "\n".join(told(files or []))


def make(name, text):
    path = FOLDER / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def make_many(text, n):
    return [make(f"part-{i}.txt", f"{text} {i}") for i in range(int(n))]


def give_back(file):
    return file


def shape(image):
    return "x".join(map(str, image.shape))


def picture(width):
    import numpy

    return numpy.zeros((4, int(width), 3), dtype="uint8")


def gallery(n):
    import numpy

    return [(numpy.full((3, 3, 3), i, dtype="uint8"), f"number {i}") for i in range(int(n))]


def sound(seconds):
    import numpy

    return 8000, numpy.zeros(int(8000 * seconds), dtype="int16")


def show_film(path):
    return path, Path(path).name


def boxes(value):
    """The box with files of newer versions; what it holds."""
    return value["text"], "\n".join(told(value["files"]))


with gr.Blocks() as demo:
    file = gr.File(label="file", type="filepath")
    files = gr.File(label="files", type="filepath", file_count="multiple")
    out, outs = gr.File(label="out"), gr.File(label="outs", file_count="multiple")
    image, picture_out = gr.Image(label="image"), gr.Image(label="picture")
    pictures = gr.Gallery(label="pictures")
    audio = gr.Audio(label="sound")
    text, name, number = gr.Textbox(label="text"), gr.Textbox(label="name"), gr.Number(label="n")
    gr.Button("one").click(one, file, text, api_name="one")
    gr.Button("one at once").click(one, file, text, queue=False, api_name="one_at_once")
    gr.Button("many").click(many, files, text, api_name="many")
    gr.Button("make").click(make, [name, text], out, api_name="make")
    gr.Button("make at once").click(make, [name, text], out, queue=False, api_name="make_at_once")
    gr.Button("make many").click(make_many, [text, number], outs, api_name="make_many")
    gr.Button("give back").click(give_back, file, out, api_name="give_back")
    gr.Button("shape").click(shape, image, text, api_name="shape")
    gr.Button("picture").click(picture, number, picture_out, api_name="picture")
    gr.Button("gallery").click(gallery, number, pictures, api_name="gallery")
    gr.Button("sound").click(sound, number, audio, api_name="sound")
    film, shown = gr.Video(label="film"), gr.Video(label="shown")
    gr.Button("film").click(show_film, film, [shown, text], api_name="film")
    if hasattr(gr, "MultimodalTextbox"):
        box = gr.MultimodalTextbox(label="box", file_count="multiple")
        heard = gr.Textbox(label="heard")
        gr.Button("box").click(boxes, box, [heard, text], api_name="box")

if __name__ == "__main__":
    os.chdir(FOLDER)  # What is below the working directory may be given out.
    demo.launch(allowed_paths=[str(FOLDER)])
