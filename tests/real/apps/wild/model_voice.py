import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def infer(temperature, top_p, mode, audio, text, history, tokens_in, tokens_out):
    before = list(history)
    history = [*before, {"role": "user", "content": text}, {"role": "assistant", "content": ""}]
    inputs = (tokens_in + tokens_out).strip() + f"<|user|>\n{text}<|assistant|>\n"
    for piece in stream(text, before, mode=mode):
        history[-1]["content"] += piece
        yield history, inputs, history[-1]["content"], "", None, None


def clear():
    return [], [], "", "", "", None, None


with gr.Blocks(title="Tiny voice") as demo:
    with gr.Row():
        temperature = gr.Number(label="Temperature", value=0.2)
        top_p = gr.Number(label="Top p", value=0.8)
    chatbot = gr.Chatbot(elem_id="chatbot", scale=1, **MESSAGES)
    with gr.Row():
        with gr.Column():
            mode = gr.Radio(["audio", "text"], label="Input Mode", value="text")
            audio = gr.Audio(label="Input audio", type="filepath", visible=False)
            text = gr.Textbox(label="Input text", placeholder="Enter your text here...", lines=2)
        with gr.Column():
            submit = gr.Button("Submit")
            reset = gr.Button("Clear")
            played = gr.Audio(label="Play")
            complete = gr.Audio(label="Last Output Audio (If Any)")
    gr.Markdown("## Debug Info")
    with gr.Row():
        tokens_in = gr.Textbox(label="Input Tokens", interactive=False)
        tokens_out = gr.Textbox(label="Completion Tokens", interactive=False)
    error = gr.Textbox(label="Detailed Error", interactive=False)
    history = gr.State([])
    submit.click(
        infer,
        [temperature, top_p, mode, audio, text, history, tokens_in, tokens_out],
        [history, tokens_in, tokens_out, error, played, complete],
    ).then(lambda s: s, [history], chatbot)
    reset.click(clear, outputs=[chatbot, history, tokens_in, tokens_out, error, played, complete])
    mode.input(
        lambda m: [gr.update(visible=m == "audio"), gr.update(visible=m == "text")],
        [mode],
        [audio, text],
    )

if __name__ == "__main__":
    demo.queue().launch()
