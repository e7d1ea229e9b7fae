import os

import gradio as gr

os.environ["GRADIO_IS_E2E_TEST"] = "1"  # Then it soon notices that a page has gone.

GONE = []
TOLD = {} if gr.__version__.startswith("4.0.") else {"delete_callback": GONE.append}


def gone():
    """The states that were deleted, and those of pages that were closed."""
    sessions = list(demo.app.state_holder.session_data.values())
    closed = [each for each in sessions if getattr(each, "is_closed", False)]
    return GONE + [value for each in closed for value in each.state_data.values()]


with gr.Blocks() as demo:
    text, said = gr.Textbox(label="text"), gr.Textbox(label="said")
    state = gr.State("", **TOLD)
    told = gr.JSON(label="gone")
    gr.Button("remember").click(
        lambda text, state: (f"{state} then {text}", text),
        [text, state],
        [said, state],
        api_name="remember",
    )
    gr.Button("gone").click(gone, None, told, queue=False, api_name="gone")

if __name__ == "__main__":
    demo.launch()
