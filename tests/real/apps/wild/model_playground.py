import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def generate(model, system, text, shown, history, temperature, save):
    shown = [*shown, {"role": "user", "content": text}, {"role": "assistant", "content": ""}]
    before = list(history)
    for piece in stream(text, before, "words", model=model, system=system):
        shown[-1]["content"] += piece
        history = [*before, (text, shown[-1]["content"])]
        yield shown, history, text, ""


with gr.Blocks() as demo:
    gr.HTML("<h1>Tiny playground</h1>")
    with gr.Row():
        selected = gr.Radio(["tiny-alpha", "tiny-beta"], value="tiny-beta", label="Select a model")
    with gr.Accordion(label="System Prompt", open=False):
        system = gr.Textbox(
            label="System Prompt", lines=3, placeholder="Below is a talk.", value="Below is a talk."
        )
    with gr.Row(), gr.Column():
        output = gr.Markdown()
        chatbot = gr.Chatbot(elem_id="chat-message", label="Chat", **MESSAGES)
    with gr.Row(), gr.Column(scale=3):
        user = gr.Textbox(placeholder="Enter your message here", show_label=False, lines=1)
        with gr.Row():
            send = gr.Button("Send", elem_id="send-btn", visible=True)
            clear = gr.Button("Clear chat", elem_id="clear-btn", visible=True)
            again = gr.Button("Regenerate", elem_id="send-btn", visible=True)
        with gr.Accordion(label="Parameters", open=False):
            temperature = gr.Slider(label="Temperature", value=0.2, minimum=0.0, maximum=1.0)
        with gr.Group(elem_id="share-btn-container"):
            share = gr.Button("Share to community", elem_id="share-btn", visible=True)
        save = gr.Checkbox(value=True, label="Store data")
    history = gr.State([])
    last = gr.State("")
    inputs = [selected, system, user, chatbot, history, temperature, save]
    outputs = [chatbot, history, last, user]
    user.submit(generate, inputs, outputs)
    send.click(generate, inputs, outputs)
    again.click(lambda c, h: (c[:-2], h[:-1]), [chatbot, history], [chatbot, history]).then(
        generate, [selected, system, last, chatbot, history, temperature, save], outputs
    )
    clear.click(lambda: ([], []), None, [chatbot, history])
    selected.change(lambda: ([], []), None, [chatbot, history])
    share.click(None, [], [], js="() => { console.log('share') }")

if __name__ == "__main__":
    demo.queue(max_size=128).launch(share=False)
