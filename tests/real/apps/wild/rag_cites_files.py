import tempfile
from pathlib import Path

import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}
FOLDER = Path(tempfile.mkdtemp())
for name in ("one.txt", "two.txt"):
    (FOLDER / name).write_text(name, encoding="utf-8")


def respond(message, history):
    before = turns(history)
    history.append({"role": "user", "content": message})
    history.append({"role": "assistant", "content": ""})
    for piece in stream(message, before):
        history[-1]["content"] += piece
        yield history, None, gr.Button(interactive=False)
    yield history, [str(FOLDER / "one.txt")], gr.Button(interactive=True)


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(label="Archive", **KIND)
    cited = gr.Files(label="Cited documents")
    with gr.Group(), gr.Row():
        box = gr.Textbox(show_label=False, placeholder="Ask the archive", scale=8, container=False)
        send = gr.Button("▶", scale=1)
    for event in (send.click, box.submit):
        event(respond, [box, chatbot], [chatbot, cited, send]).then(lambda: "", None, box)

if __name__ == "__main__":
    demo.launch(allowed_paths=[str(FOLDER)])
