import time

import gradio as gr

RELEASED = set()


def wait(key):
    """Take until somebody says that it is enough."""
    for _ in range(6000):
        if key in RELEASED:
            return "waited"
        time.sleep(0.01)
    raise gr.Error("nobody said that it is enough")


def release(key):
    RELEASED.add(key)


with gr.Blocks() as demo:
    key, text = gr.Textbox(label="key"), gr.Textbox(label="text")
    gr.Button("wait").click(wait, key, text, api_name="wait", concurrency_limit=1)
    gr.Button("release").click(release, key, None, queue=False, api_name="release")

if __name__ == "__main__":
    demo.queue(max_size=1).launch()
