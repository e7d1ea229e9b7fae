import gradio as gr
from llm import stream


def research(topic, depth):
    log = []
    for line in ("planning", "reading 3 pages", "writing"):
        log.append(f"- {line}")
        yield "\n".join(log), "", "<b>busy</b>"
    text = ""
    for piece in stream(topic, [], "markdown", depth=depth):
        text += piece
        yield "\n".join(log), text, "<b>busy</b>"
    yield "\n".join([*log, "- done"]), text, "<i>done</i>"


with gr.Blocks() as demo:
    gr.Markdown("# Researcher")
    with gr.Row():
        with gr.Column():
            topic = gr.Textbox(label="What would you like to know?", lines=2)
            depth = gr.Slider(1, 5, 2, step=1, label="Depth")
            with gr.Row():
                go = gr.Button("🚀 Research", variant="primary")
                stop = gr.Button("Stop", variant="stop")
            state = gr.HTML("<i>idle</i>")
            log = gr.Textbox(label="Progress log", lines=8, interactive=False)
        with gr.Column():
            report = gr.Markdown(label="Report")
    running = go.click(research, [topic, depth], [log, report, state])
    stop.click(None, cancels=[running])

if __name__ == "__main__":
    demo.queue().launch()
