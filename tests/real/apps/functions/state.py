import os

import gradio as gr

os.environ["GRADIO_IS_E2E_TEST"] = "1"  # Then it soon notices that a page has gone.

GONE = []
TOLD = {} if gr.__version__.startswith("4.0.") else {"delete_callback": GONE.append}

with gr.Blocks() as demo:
    text, said = gr.Textbox(label="text"), gr.Textbox(label="said")
    state = gr.State("", **TOLD)
    gone = gr.JSON(label="gone")
    gr.Button("remember").click(
        lambda text, state: (f"{state} then {text}", text),
        [text, state],
        [said, state],
        api_name="remember",
    )
    gr.Button("gone").click(lambda: GONE, None, gone, queue=False, api_name="gone")

if __name__ == "__main__":
    demo.launch()
