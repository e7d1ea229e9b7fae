import gradio as gr

MAJOR = int(gr.__version__.split(".", 1)[0])
PAIRS = gr.__version__.startswith("4.0.")
KIND = {"type": "messages"} if MAJOR < 6 and not PAIRS else {}


def respond(message, numbers, history):
    assert numbers == [1, 2, 3], numbers
    if PAIRS:
        return "", [*history, [message, f"You said {message}"]]
    return "", [
        *history,
        {"role": "user", "content": message},
        {"role": "assistant", "content": f"You said {message}"},
    ]


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(label="chat", **KIND)
    box = gr.Textbox(label="message")
    numbers = gr.State([1, 2, 3])
    box.submit(respond, [box, numbers, chatbot], [box, chatbot], api_name="chat")
    gr.Button("clear").click(lambda: None, None, chatbot, queue=False, api_name="clear")

if __name__ == "__main__":
    demo.launch()
