import gradio as gr
from llm import stream


async def run(query):
    buffer = ""
    for piece in stream(query, [], "markdown"):
        buffer += piece
        yield buffer


with gr.Blocks() as ui:
    gr.Markdown("# Deep Research")
    query = gr.Textbox(label="What topic would you like to research?")
    run_button = gr.Button("Run", variant="primary")
    report = gr.Markdown(label="Report")
    run_button.click(fn=run, inputs=query, outputs=report)
    query.submit(fn=run, inputs=query, outputs=report)

if __name__ == "__main__":
    ui.launch()
