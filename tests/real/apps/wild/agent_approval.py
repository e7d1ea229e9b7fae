import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def ask(text, history):
    before = turns(history)
    history.append({"role": "user", "content": text})
    history.append({"role": "assistant", "content": ""})
    for piece in stream(text, before):
        history[-1]["content"] += piece
        yield history, "", gr.Row(visible=False), "*Waiting for nothing*"
    yield history, "", gr.Row(visible=True), "*Waiting for your approval*"


def decided(yes):
    def act(history):
        history.append({"role": "assistant", "content": "Done." if yes else "Not done."})
        return history, gr.Row(visible=False)

    return act


with gr.Blocks() as demo:
    state = gr.Markdown("*Waiting for nothing*")
    chatbot = gr.Chatbot(label="Agent with a human in the loop", **KIND)
    with gr.Row(visible=False) as approval:
        feedback = gr.Textbox(label="Feedback", placeholder="What should be different?")
        approve = gr.Button("✅ Approve")
        reject = gr.Button("❌ Reject")
    task = gr.Textbox(label="Task", placeholder="Give me a task")
    start = gr.Button("Start")
    gr.on([start.click, task.submit], ask, [task, chatbot], [chatbot, task, approval, state])
    approve.click(decided(True), chatbot, [chatbot, approval])
    reject.click(decided(False), chatbot, [chatbot, approval])

if __name__ == "__main__":
    demo.launch()
