import threading
import time

import gradio as gr

SIZES, BUSY = [], []
LOCK = threading.Lock()
SHARED = {"concurrency_id": "device", "concurrency_limit": 1}


def double(numbers, words):
    SIZES.append(len(numbers))
    return [[2 * number for number in numbers], [word.upper() for word in words]]


def alone(key):
    assert LOCK.acquire(blocking=False), "two of them at a time"
    try:
        time.sleep(0.05)
        BUSY.append(key)
    finally:
        LOCK.release()
    return key


with gr.Blocks() as demo:
    number, word = gr.Number(label="number"), gr.Textbox(label="word")
    out, shout = gr.Number(label="out"), gr.Textbox(label="shout")
    sizes = gr.JSON(label="sizes")
    gr.Button("double").click(
        double, [number, word], [out, shout], batch=True, max_batch_size=4, api_name="double"
    )
    gr.Button("one").click(alone, word, shout, api_name="one", **SHARED)
    gr.Button("other").click(alone, word, shout, api_name="other", **SHARED)
    gr.Button("sizes").click(lambda: SIZES, None, sizes, queue=False, api_name="sizes")

if __name__ == "__main__":
    demo.launch()
