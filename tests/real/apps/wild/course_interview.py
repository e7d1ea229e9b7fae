import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def begin(role):
    first = f"Welcome! Why do you want to be a {role}?"
    return [{"role": "assistant", "content": first}], gr.Button(interactive=True)


def reply(text, history, role):
    before = turns(history)
    history.append({"role": "user", "content": text})
    history.append({"role": "assistant", "content": ""})
    for piece in stream(text, before, role=role):
        history[-1]["content"] += piece
        yield history, ""


def end(history):
    return f"You gave {len(turns(history))} answers."


with gr.Blocks() as demo:
    role = gr.Dropdown(["baker", "pilot"], value="baker", label="Role")
    start = gr.Button("Start Interview")
    chatbot = gr.Chatbot(label="Interview", **KIND)
    box = gr.Textbox(label="Your answer", placeholder="Type your answer here...")
    send = gr.Button("Submit answer")
    finish = gr.Button("Finish and get feedback")
    feedback = gr.Markdown(label="Feedback")
    start.click(begin, role, [chatbot, send])
    send.click(reply, [box, chatbot, role], [chatbot, box])
    box.submit(reply, [box, chatbot, role], [chatbot, box])
    finish.click(end, chatbot, feedback)

if __name__ == "__main__":
    demo.launch()
