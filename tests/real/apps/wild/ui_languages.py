import gradio as gr
from llm import stream


def respond(question, document):
    text = ""
    for piece in stream(question, [], "words"):
        text += piece
        yield text, "12 Wörter"


with gr.Blocks() as demo:
    gr.Markdown("# Fragen an ein Dokument")
    document = gr.Textbox(label="Dokument", lines=8)
    question = gr.Textbox(label="Frage", placeholder="Was möchten Sie wissen?")
    with gr.Row():
        send = gr.Button("Absenden", variant="primary")
        delete = gr.Button("Löschen")
    count = gr.Textbox(label="Statistik", interactive=False)
    result = gr.Textbox(label="Antwort", lines=8, interactive=False)
    send.click(respond, [question, document], [result, count])
    delete.click(lambda q: ("", ""), question, [question, result])

if __name__ == "__main__":
    demo.queue().launch()
