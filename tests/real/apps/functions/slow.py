import collections
import time

import gradio as gr

STEPS = collections.Counter()
"""What was done for each key."""
RELEASED = set()
MANY = {"concurrency_limit": 8}


def iterate(key, n):
    for i in range(int(n)):
        STEPS[key] += 1
        yield i
        time.sleep(0.1)


def sleep(key, seconds):
    STEPS[f"{key} begun"] += 1
    time.sleep(seconds)
    STEPS[f"{key} ended"] += 1
    return 10


def wait_alone(key):
    """Take until somebody says that it is enough."""
    STEPS[f"{key} begun"] += 1
    for _ in range(6000):
        if key in RELEASED:
            return 10
        time.sleep(0.01)
    raise gr.Error("nobody said that it is enough")


def release(key):
    RELEASED.add(key)


with gr.Blocks() as demo:
    key, number = gr.Textbox(label="key"), gr.Number(label="n", value=100)
    out = gr.Number(label="out")
    gr.Button("iterate").click(iterate, [key, number], out, api_name="iterate", **MANY)
    gr.Button("sleep").click(sleep, [key, number], out, api_name="sleep", **MANY)
    gr.Button("alone").click(wait_alone, key, out, api_name="wait_alone", concurrency_limit=1)
    gr.Button("release").click(release, key, None, queue=False, api_name="release")
    gr.Button("at once").click(sleep, [key, number], out, queue=False, api_name="sleep_at_once")
    stoppable = gr.Button("stoppable").click(
        iterate, [key, number], out, api_name="stoppable", **MANY
    )
    gr.Button("stop").click(None, None, None, cancels=[stoppable])
    gr.Button("steps").click(lambda key: STEPS[key], key, out, queue=False, api_name="steps")

if __name__ == "__main__":
    demo.launch()
