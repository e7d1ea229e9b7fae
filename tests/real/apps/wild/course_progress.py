import time

import gradio as gr
from llm import answer


def research(topic):
    for status in ("Planning...", "Searching...", "Writing..."):
        yield status
        time.sleep(0.02)
    yield answer(topic, [], "markdown")


with gr.Blocks() as demo:
    topic = gr.Textbox(label="Research Topic", placeholder="Enter your research question...")
    button = gr.Button("🚀 Research")
    report = gr.Markdown(label="📋 Research Report")
    gr.on([button.click, topic.submit], research, topic, report)

if __name__ == "__main__":
    demo.launch()
