import gradio as gr
from llm import stream, turns

NEW = gr.__version__.startswith("6")


def start(message, chat):
    chat = [*chat, {"role": "user", "content": message}, {"role": "assistant", "content": "…"}]
    return "", chat, list(stream(message, turns(chat[:-2]))), gr.Timer(active=True)


def tick(chat, pieces):
    text = chat[-1]["content"]
    text = text if isinstance(text, str) else text[0]["text"]
    text = pieces[0] if text == "…" else text + pieces[0]
    chat[-1] = {"role": "assistant", "content": text}
    return chat, pieces[1:], gr.Timer(active=len(pieces) > 1)


with gr.Blocks() as demo:
    chat = gr.Chatbot(**({} if NEW else {"type": "messages"}))
    box = gr.Textbox(placeholder="Type a message")
    pieces = gr.State([])
    timer = gr.Timer(0.3, active=False)
    box.submit(start, [box, chat], [box, chat, pieces, timer])
    timer.tick(tick, [chat, pieces], [chat, pieces, timer])

if __name__ == "__main__":
    demo.launch()
