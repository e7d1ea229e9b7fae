import tempfile
from pathlib import Path

import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}
NOTE = Path(tempfile.mkdtemp()) / "note.txt"
NOTE.write_text("a note", encoding="utf-8")


def respond(message, shown, memory):
    shown.append({"role": "user", "content": message})
    shown.append({"role": "assistant", "content": "I made a file:"})
    shown.append({"role": "assistant", "content": {"path": str(NOTE)}})
    yield shown, memory
    shown.append({"role": "assistant", "content": ""})
    for piece in stream(message, memory):
        shown[-1]["content"] += piece
        yield shown, memory
    yield shown, [*memory, (message, shown[-1]["content"])]


with gr.Blocks() as demo:
    memory = gr.State([])
    chatbot = gr.Chatbot(**KIND)
    box = gr.Textbox(placeholder="Ask for a file...")
    box.submit(respond, [box, chatbot, memory], [chatbot, memory]).then(lambda: "", outputs=box)

if __name__ == "__main__":
    demo.launch(allowed_paths=[str(NOTE.parent)])
