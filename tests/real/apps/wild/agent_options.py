import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}
OPTIONS = [{"value": "Tell me more", "label": "More"}, {"value": "Stop"}]


def respond(message, history):
    before = turns(history)
    history.append({"role": "user", "content": message})
    history.append({"role": "assistant", "content": "", "options": OPTIONS})
    for piece in stream(message, before):
        history[-1]["content"] += piece
        yield history, ""


def pick(history, chosen: gr.SelectData):
    return [*history, {"role": "user", "content": chosen.value}]


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(
        value=[
            {"role": "assistant", "content": "What do you want?", "options": [{"value": "A joke"}]}
        ],
        **KIND,
    )
    with gr.Row():
        box = gr.Textbox(placeholder="Say anything", show_label=False, scale=5)
        send = gr.Button("➤", scale=1)
    gr.on([box.submit, send.click], respond, [box, chatbot], [chatbot, box])
    chatbot.option_select(pick, [chatbot], [chatbot])

if __name__ == "__main__":
    demo.launch()
