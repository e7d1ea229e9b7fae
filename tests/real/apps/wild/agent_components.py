import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, shown, memory):
    shown = [*shown, {"role": "user", "content": message}]
    shown.append({"role": "assistant", "content": gr.HTML("<h3>Your order</h3><p>1 sky</p>")})
    yield shown, memory
    shown.append({"role": "assistant", "content": ""})
    text = ""
    for piece in stream(message, memory):
        text += piece
        shown[-1] = {"role": "assistant", "content": text}
        yield shown, memory
    yield shown, [*memory, (message, text)]


with gr.Blocks() as demo:
    memory = gr.State([])
    chatbot = gr.Chatbot(**KIND)
    box = gr.Textbox(placeholder="What do you want to order?", submit_btn="Order")
    box.submit(respond, [box, chatbot, memory], [chatbot, memory]).then(lambda: "", None, box)

if __name__ == "__main__":
    demo.launch()
