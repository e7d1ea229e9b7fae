import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def generate(prompt, history):
    output = ""
    for word in stream(prompt, history, "cjk"):
        output += word
        yield output


demo = gr.ChatInterface(
    fn=generate,
    chatbot=gr.Chatbot(height=500, placeholder="<strong>Say hello</strong>", **kind),
    textbox=gr.Textbox(placeholder="Ask me a yes or no question", container=False, scale=7),
    examples=["Hello", "Am I cool?", "你好"],
    cache_examples=False,
    **kind,
)

if __name__ == "__main__":
    demo.queue(default_concurrency_limit=5).launch()
