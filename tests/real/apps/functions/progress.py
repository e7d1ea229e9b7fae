import time

import gradio as gr


def steps(n, progress=gr.Progress()):
    for i in range(int(n)):
        progress((i, int(n)), desc="Counting", unit="things")
        time.sleep(0.12)
    return "done"


def fractions(progress=gr.Progress()):
    for part in (0.0, 0.25, 0.75, 1.0):
        progress(part, desc=f"at {part}")
        time.sleep(0.12)
    return "done"


def bars(n, progress=gr.Progress()):
    for _ in progress.tqdm(range(int(n)), desc="outer", unit="rounds"):
        for _ in progress.tqdm(range(2), desc="inner"):
            time.sleep(0.12)
    return "done"


def unknown(progress=gr.Progress()):
    progress(None, desc="Nobody knows how long")
    time.sleep(0.12)
    for _ in progress.tqdm((i for i in range(3)), desc="no length"):
        time.sleep(0.12)
    return "done"


def both(progress=gr.Progress()):
    for i in range(3):
        progress((i, 3))
        time.sleep(0.12)
        yield i


def notices():
    for i in range(20):
        gr.Info(f"note {i}")
    gr.Warning("careful")
    return "done"


def big():
    gr.Info("Beginning")
    time.sleep(1)
    gr.Info("Done!")
    return "\ta\nb" * 90_000


def quiet(seconds):
    gr.Info("Beginning")
    time.sleep(seconds)
    gr.Info("Done!")
    return "\ta\nb" * 90_000


with gr.Blocks() as demo:
    number = gr.Number(value=4, label="n")
    text = gr.Textbox(label="text")
    gr.Button("steps").click(steps, number, text, api_name="steps")
    gr.Button("fractions").click(fractions, None, text, api_name="fractions")
    gr.Button("bars").click(bars, number, text, api_name="bars")
    gr.Button("unknown").click(unknown, None, text, api_name="unknown")
    gr.Button("both").click(both, None, text, api_name="both")
    gr.Button("notices").click(notices, None, text, api_name="notices")
    gr.Button("big").click(big, None, text, api_name="big")
    gr.Button("quiet").click(quiet, number, text, api_name="quiet")

if __name__ == "__main__":
    demo.launch()
