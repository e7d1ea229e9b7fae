import time

import gradio as gr


def wait(seconds):
    time.sleep(seconds)
    return "waited"


demo = gr.Interface(wait, gr.Number(label="seconds"), gr.Textbox(label="text"), api_name="wait")

if __name__ == "__main__":
    demo.queue(max_size=1).launch()
