import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def user(message, history):
    shown = [*history, {"role": "user", "content": message}]
    return "", shown, gr.Button(visible=False), gr.Button(visible=True)


def bot(history):
    said, before = history[-1]["content"], history[:-1]
    said = said if isinstance(said, str) else said[0]["text"]
    history.append({"role": "assistant", "content": ""})
    for piece in stream(said, before, "emoji"):
        history[-1]["content"] += piece
        yield history


def ready():
    return gr.Button(visible=True), gr.Button(visible=False)


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(elem_id="chatbot", **KIND)
    with gr.Row():
        box = gr.Textbox(show_label=False, placeholder="Message the agent", container=False)
        send = gr.Button("Send", variant="primary")
        stop = gr.Button("Stop", visible=False, variant="stop")
    going = []
    for event in (box.submit, send.click):
        added = event(user, [box, chatbot], [box, chatbot, send, stop], queue=False)
        ran = added.then(bot, chatbot, chatbot)
        ran.then(ready, None, [send, stop])
        going.append(ran)
    stop.click(ready, None, [send, stop], cancels=going, queue=False)

if __name__ == "__main__":
    demo.queue().launch()
