import gradio as gr
from llm import stream


def search(query, count):
    found = [["A page", "https://a.example", 0.9], ["Another", "https://b.example", 0.5]]
    text = ""
    links = "\n".join(f"{n}. [{row[0]}]({row[1]})" for n, row in enumerate(found[:count], 1))
    for piece in stream(query, [], "brackets", count=count):
        text += piece
        yield links, text, found


with gr.Blocks() as demo:
    gr.Markdown("## Answers from the web")
    query = gr.Textbox(placeholder="Ask the web anything", show_label=False, autofocus=True)
    count = gr.Slider(1, 10, 2, step=1, label="Results")
    go = gr.Button("Search")
    with gr.Row():
        with gr.Column(scale=1):
            sources = gr.Markdown(label="Sources")
            table = gr.Dataframe(headers=["title", "link", "score"], label="Found")
        with gr.Column(scale=3):
            reply = gr.Markdown(label="Answer")
    gr.on([query.submit, go.click], search, [query, count], [sources, reply, table])

if __name__ == "__main__":
    demo.launch()
