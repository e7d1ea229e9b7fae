import time

import gradio as gr

SEEN = set()
"""What the callers have seen."""


def hold(key, what):
    """Wait until a caller has seen something: the server only sends the newest progress."""
    for _ in range(6000):
        if (key, what) in SEEN:
            return
        time.sleep(0.01)
    raise gr.Error(f"{what} was not seen")


def seen(key, what):
    SEEN.add((key, what))


def steps(key, n, progress=gr.Progress()):
    for i in range(int(n)):
        progress((i, int(n)), desc=f"step {i}", unit="things")
        hold(key, f"step {i}")
    return "done"


def fractions(key, progress=gr.Progress()):
    for part in (0.0, 0.25, 1.0):
        progress(part, desc=f"at {part}")
        hold(key, f"at {part}")
    return "done"


def bars(key, n, progress=gr.Progress()):
    for _ in progress.tqdm(range(int(n)), desc="outer", unit="rounds"):
        for _ in progress.tqdm(range(2), desc="inner"):
            hold(key, "outer")
            hold(key, "inner")
    return "done"


def unknown(key, progress=gr.Progress()):
    progress(None, desc="Nobody knows how long")
    hold(key, "Nobody knows how long")
    for _ in progress.tqdm((i for i in range(3)), desc="no length"):
        hold(key, "no length")
    return "done"


def both(key, progress=gr.Progress()):
    for i in range(3):
        progress((i, 3), desc=f"step {i}")
        if i == 0:  # The first of Gradio 4 sends none after the first value.
            hold(key, "step 0")
        yield i


def notices():
    for i in range(20):
        gr.Info(f"note {i}")
    gr.Warning("careful")
    return "done"


def titled():
    if gr.__version__.startswith("4"):
        gr.Info("one")
        gr.Warning("two")
        return "done"
    gr.Info("one", title="First", duration=None)
    gr.Warning("two", title="Second", duration=1)
    gr.Success("three")
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
    key, what, text = (gr.Textbox(label=label) for label in ("key", "what", "text"))
    gr.Button("seen").click(seen, [key, what], None, queue=False, api_name="seen")
    gr.Button("steps").click(steps, [key, number], text, api_name="steps")
    gr.Button("fractions").click(fractions, key, text, api_name="fractions")
    gr.Button("bars").click(bars, [key, number], text, api_name="bars")
    gr.Button("unknown").click(unknown, key, text, api_name="unknown")
    gr.Button("both").click(both, key, text, api_name="both")
    gr.Button("notices").click(notices, None, text, api_name="notices")
    gr.Button("titled").click(titled, None, text, api_name="titled")
    gr.Button("big").click(big, None, text, api_name="big")
    gr.Button("quiet").click(quiet, number, text, api_name="quiet", concurrency_limit=8)

if __name__ == "__main__":
    demo.launch()
