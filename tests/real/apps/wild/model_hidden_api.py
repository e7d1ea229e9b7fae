import gradio as gr
from llm import stream

MODELS = ["tiny-13b", "tiny-7b"]
LISTED = """() => {
    const params = new URLSearchParams(window.location.search);
    return Object.fromEntries(params);
}"""


def load(url_params):
    return {"turns": []}, gr.update(value=url_params.get("model", MODELS[0]), visible=True)


def shown(state):
    return [[user, bot] for user, bot in state["turns"]]


def add_text(state, text, chat_history, image, mode):
    state = state or {"turns": []}
    state["turns"].append([text, None])
    return (state, shown(state), "", None, *[gr.update(interactive=False)] * 3)


def bot(state, model, temperature):
    text = state["turns"][-1][0]
    reply = ""
    for piece in stream(text, state["turns"][:-1], "repeats", model=model):
        reply += piece
        state["turns"][-1][1] = reply
        yield (state, shown(state), *[gr.update(interactive=False)] * 3)
    yield (state, shown(state), *[gr.update(interactive=True)] * 3)


with gr.Blocks(title="Tiny") as demo:
    textbox = gr.Textbox(show_label=False, placeholder="Enter text, then ENTER", render=False)
    textbox_api = gr.Textbox(visible=False)
    state = gr.State()
    with gr.Row():
        with gr.Column(scale=3):
            model = gr.Dropdown(choices=MODELS, value=MODELS[0], show_label=False)
            image = gr.Image(type="pil")
            mode = gr.Radio(["Crop", "Resize", "Default"], value="Default", label="Preprocess")
            gr.Examples([["What is unusual?"], ["What should I watch out for?"]], inputs=[textbox])
            with gr.Accordion("Parameters", open=False):
                temperature = gr.Slider(0.0, 1.0, value=0.2, step=0.1, label="Temperature")
                chat_history = gr.Textbox(value="[]", label="Enter chat_history as a list")
        with gr.Column(scale=8):
            chatbot = gr.Chatbot(elem_id="chatbot", label="Tiny Chatbot", height=400)
            with gr.Row():
                textbox.render()
                send = gr.Button(value="Send", variant="primary")
            with gr.Row():
                up = gr.Button("👍  Upvote", interactive=False)
                down = gr.Button("👎  Downvote", interactive=False)
                flag = gr.Button("⚠️  Flag", interactive=False)
    params = gr.JSON(visible=False)
    buttons = [up, down, flag]
    for button in buttons:
        button.click(lambda s, m: "", [state, model], [textbox], queue=False)
    added = [state, textbox, chat_history, image, mode]
    asked = [state, model, temperature]
    for event, outputs in (
        (textbox.submit, [state, chatbot, textbox, image, *buttons]),
        (send.click, [state, chatbot, textbox, image, *buttons]),
    ):
        event(add_text, added, outputs, queue=False).then(bot, asked, [state, chatbot, *buttons])
    textbox_api.submit(
        lambda *a: add_text(*a)[:2], added, [state, chatbot], queue=False, api_name="api"
    ).then(lambda *a: list(bot(*a))[-1][:2], asked, [state, chatbot], api_name="api_submit")
    demo.load(load, [params], [state, model], js=LISTED, queue=False)

if __name__ == "__main__":
    demo.queue().launch()
