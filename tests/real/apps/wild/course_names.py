import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def talk(name, message, history):
    before = turns(history)
    history.append({"role": "user", "content": message})
    history.append({"role": "assistant", "content": ""})
    for piece in stream(message, before, name=name or "nobody"):
        history[-1]["content"] += piece
        yield history, ""


with gr.Blocks() as demo:
    name = gr.Textbox(label="Your name", value="Ada")
    chatbot = gr.Chatbot(label="Classroom", **KIND)
    message = gr.Textbox(label="Message")
    send = gr.Button("Send")
    leave = gr.Button("Leave the room")
    send.click(talk, [name, message, chatbot], [chatbot, message])
    leave.click(list, None, chatbot)

if __name__ == "__main__":
    demo.launch()
