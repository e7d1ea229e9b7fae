import gradio as gr
from llm import stream, turns


def add_user(message, history):
    return "", (history or []) + [[message, ""]]


def team(history, memory):
    question = history[-1][0]
    history[-1][1] = "**Planner**: two steps."
    yield history, memory
    history.append([None, "**Coder**: nothing to code."])
    yield history, memory
    history.append([None, ""])
    for piece in stream(question, turns(memory), "code"):
        history[-1][1] += piece
        yield history, memory
    yield history, [*memory, [question, history[-1][1]]]


with gr.Blocks() as demo:
    gr.Markdown("# A team of agents")
    memory = gr.State([])
    with gr.Row():
        chatbot = gr.Chatbot(show_label=False)
    with gr.Row():
        box = gr.Textbox(show_label=False, placeholder="요청을 입력하세요.", lines=2)
    send = gr.Button("SEND")
    send.click(add_user, [box, chatbot], [box, chatbot]).then(
        team, [chatbot, memory], [chatbot, memory]
    )

if __name__ == "__main__":
    demo.launch()
