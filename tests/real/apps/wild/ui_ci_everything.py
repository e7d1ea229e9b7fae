import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history, system, name, model, seed, session):
    text = ""
    for piece in stream(message, history, "emoji", system=system, name=name, model=model):
        text += piece
        yield text


demo = gr.ChatInterface(
    respond,
    examples=[["Hello", "Be kind.", "Ann"], ["Why?", "Be rude.", "Bob"]],
    cache_examples=False,
    example_labels=["A greeting", "A question"],
    additional_inputs=[
        gr.Textbox("Be kind.", label="Instructions"),
        gr.Textbox("Ann", label="Your name"),
        gr.Dropdown(["tiny", "small"], value="tiny", label="Model"),
        gr.Number(7, label="Seed"),
        gr.State({}),
    ],
    title="All of it",
    description="With each option",
    flagging_mode="manual",
    flagging_options=["Like", "Spam", "Other"],
    save_history=True,
    editable=True,
    api_name=False,
    show_progress="full",
    concurrency_limit=2,
    fill_width=True,
    run_examples_on_click=False,
    **MESSAGES,
)

if __name__ == "__main__":
    demo.queue().launch()
