import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}
AGENTS = ["Writer", "Painter"]


def add_text(typed, chat, history):
    history.append({"role": "user", "content": typed["text"]})
    chat.append({"role": "user", "content": typed["text"]})
    yield gr.MultimodalTextbox(interactive=False, value=None), chat, history


def add_mention(typed, chat, chosen):
    yield chosen if chosen in AGENTS else AGENTS[0]


def run(chat, history, chosen):
    chat.append({"role": "assistant", "content": "", "metadata": {"title": f"🔧 {chosen} thinks"}})
    chat[-1]["content"] = "Hm."
    yield chat, history
    chat.append({"role": "assistant", "content": ""})
    before = turns(history)
    for piece in stream(history[-1]["content"], before, "cjk", agent=chosen):
        chat[-1]["content"] += piece
        yield chat, history
    history.append({"role": "assistant", "content": chat[-1]["content"]})
    yield chat, history


def flushed():
    return gr.MultimodalTextbox(interactive=True)


with gr.Blocks() as demo:
    history = gr.State([])
    with gr.Row():
        with gr.Column(scale=4):
            chatbot = gr.Chatbot(label="Agents", **KIND)
            box = gr.MultimodalTextbox(placeholder="跟我聊聊吧~")
            gr.Examples([{"text": "画一只猫"}], [box])
        with gr.Column(scale=1):
            chosen = gr.Dropdown(AGENTS, value="Writer", label="Agents", interactive=True)
            gr.CheckboxGroup(["clock", "web"], value=["clock"], label="插件", interactive=False)
    box.submit(add_text, [box, chatbot, history], [box, chatbot, history], queue=False).then(
        add_mention, [box, chatbot, chosen], [chosen]
    ).then(run, [chatbot, history, chosen], [chatbot, history]).then(flushed, None, [box])

if __name__ == "__main__":
    demo.queue(default_concurrency_limit=10).launch()
