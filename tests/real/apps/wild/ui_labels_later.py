import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}
LABELS = ["System prompt (optional)", "Tools (optional)", "Input", "Submit", "Clear history"]


def localise(lang):
    *labels, submit, clear = LABELS
    return (
        *(gr.update(label=label) for label in labels),
        gr.update(value=submit),
        gr.update(value=clear),
    )


def append(shown, messages, role, query, escape):
    return (
        [*shown, {"role": "user", "content": query}],
        [*messages, {"role": role, "content": query}],
        "",
    )


def chat(shown, messages, lang, system, tools, image, tokens, top_p, seed):
    text = messages[-1]["content"]
    reply = {"role": "assistant", "content": ""}
    for piece in stream(text, messages[:-1], "words", system=system, tools=tools):
        reply["content"] += piece
        yield [*shown, reply], [*messages, dict(reply)]


with gr.Blocks(title="Tiny factory") as demo:
    lang = gr.Dropdown(choices=["en", "zh"], value="en", scale=1)
    chatbot = gr.Chatbot(**MESSAGES)
    messages = gr.State([])
    with gr.Row():
        with gr.Column(scale=4):
            with gr.Row():
                with gr.Column():
                    role = gr.Dropdown(choices=["user", "observation"], value="user")
                    system = gr.Textbox(show_label=False)
                    tools = gr.Textbox(show_label=False, lines=3)
                with gr.Column(), gr.Tab("Image"):
                    image = gr.Image(type="pil")
            query = gr.Textbox(show_label=False, lines=8)
            submit = gr.Button(variant="primary")
        with gr.Column(scale=1):
            tokens = gr.Slider(minimum=8, maximum=8192, value=1024, step=1)
            top_p = gr.Slider(minimum=0.01, maximum=1.0, value=0.7, step=0.01)
            seed = gr.Number(value=-1, precision=0)
            escape = gr.Checkbox(value=True)
            clear = gr.Button()
    tools.input(lambda *_: None, inputs=[tools, lang])
    submit.click(append, [chatbot, messages, role, query, escape], [chatbot, messages, query]).then(
        chat,
        [chatbot, messages, lang, system, tools, image, tokens, top_p, seed],
        [chatbot, messages],
    )
    clear.click(lambda: ([], []), outputs=[chatbot, messages])
    demo.load(localise, lang, [system, tools, query, submit, clear])
    lang.change(localise, lang, [system, tools, query, submit, clear])

if __name__ == "__main__":
    demo.queue().launch()
