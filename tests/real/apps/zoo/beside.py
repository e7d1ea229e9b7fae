import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}

with gr.Blocks() as demo:
    html = gr.HTML("<p>Sources appear here</p>")
    with gr.Row():
        bot = gr.Chatbot(height=300, **kind)
        sources = gr.JSON(label="Sources")
        label = gr.Label(label="Mood")
    query = gr.Textbox(label="Query")
    send = gr.Button("Send")

    def rag(question, history):
        found = [{"title": "A page", "score": 0.5}]
        shown = [*history, {"role": "user", "content": question}]
        yield "<p>Searching…</p>", shown, None, None, ""
        reply = ""
        for piece in stream(question, history, "brackets"):
            reply += piece
            chat = [*shown, {"role": "assistant", "content": reply}]
            yield "<p>Reading…</p>", chat, found, {"calm": 0.9, "glad": 0.1}, ""
        yield "<p>Done</p>", chat, found, {"calm": 0.9, "glad": 0.1}, ""

    gr.on([query.submit, send.click], rag, [query, bot], [html, bot, sources, label, query])

if __name__ == "__main__":
    demo.launch()
