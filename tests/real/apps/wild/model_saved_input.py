import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def save(text):
    return "", text


def display(text, history):
    return [*history, {"role": "user", "content": text}]


def check(text, history, system):
    if len(text) > 4000:
        raise gr.Error("The input is too long.")


def generate(text, shown, system, max_new_tokens, temperature):
    history = shown[:-1]
    reply = {"role": "assistant", "content": ""}
    for piece in stream(text, history, "cjk", system=system, max=max_new_tokens):
        reply["content"] += piece
        yield [*shown, reply]


def delete_previous(history):
    message = history[-2]["content"] if len(history) > 1 else ""
    return history[:-2], message


with gr.Blocks() as demo:
    gr.Markdown("# Tiny chat")
    gr.DuplicateButton(value="Duplicate Space for private use", elem_id="duplicate-button")
    with gr.Group():
        chatbot = gr.Chatbot(label="Chatbot", **MESSAGES)
        with gr.Row():
            textbox = gr.Textbox(
                container=False, show_label=False, placeholder="Type a message...", scale=10
            )
            submit = gr.Button("Submit", variant="primary", scale=1, min_width=0)
    with gr.Row():
        retry = gr.Button("🔄  Retry", variant="secondary")
        undo = gr.Button("↩️ Undo", variant="secondary")
        clear = gr.Button("🗑️  Clear", variant="secondary")
    saved = gr.State()
    with gr.Accordion(label="Advanced options", open=False):
        system = gr.Textbox(label="System prompt", value="Be honest.", lines=6)
        tokens = gr.Slider(label="Max new tokens", minimum=1, maximum=2048, step=1, value=1024)
        temperature = gr.Slider(label="Temperature", minimum=0.1, maximum=4.0, value=1.0)

    for event in (textbox.submit, submit.click):
        event(save, textbox, [textbox, saved], api_name=False, queue=False).then(
            display, [saved, chatbot], chatbot, api_name=False, queue=False
        ).then(check, [saved, chatbot, system], api_name=False, queue=False).success(
            generate, [saved, chatbot, system, tokens, temperature], chatbot, api_name=False
        )
    retry.click(delete_previous, chatbot, [chatbot, saved], api_name=False, queue=False).then(
        display, [saved, chatbot], chatbot, api_name=False, queue=False
    ).then(generate, [saved, chatbot, system, tokens, temperature], chatbot, api_name=False)
    undo.click(delete_previous, chatbot, [chatbot, saved], api_name=False, queue=False).then(
        lambda x: x, saved, textbox, api_name=False, queue=False
    )
    clear.click(lambda: ([], ""), outputs=[chatbot, saved], queue=False, api_name=False)

if __name__ == "__main__":
    demo.queue(max_size=20).launch()
