import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}
THOUGHT = ["The user", " asks", " about", " the sky"]


def respond(message, history):
    before = list(history)
    history.append({"role": "user", "content": message})
    thought = {"role": "assistant", "content": "", "metadata": {"title": "🧠 Thinking"}}
    history.append(thought)
    for piece in THOUGHT:
        thought["content"] = thought["content"].rstrip("▌") + piece + "▌"
        yield "", history
    thought["content"] = thought["content"].rstrip("▌")
    text = ""
    history.append({"role": "assistant", "content": "▌"})
    for piece in stream(message, before, "repeats"):
        text += piece
        history[-1]["content"] = text + "▌"
        yield "", history
    history[-1]["content"] = text
    yield "", history


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**kind)
    box = gr.Textbox(label="Message")
    box.submit(respond, [box, chatbot], [box, chatbot])

if __name__ == "__main__":
    demo.launch()
