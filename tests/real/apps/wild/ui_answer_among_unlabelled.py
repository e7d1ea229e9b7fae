import gradio as gr
from llm import stream


def ask(question, level):
    text = ""
    for count, piece in enumerate(stream(question, [], "markdown", level=level), 1):
        text += piece
        yield "<span class='badge'>writing</span>", text, f"{count} tokens"
    yield "<span class='badge'>done</span>", text, f"{count} tokens in total"


with gr.Blocks() as demo:
    gr.Markdown("# Tutor")
    with gr.Row():
        level = gr.Dropdown(["child", "student"], value="child", label="Level")
        badge = gr.HTML("<span class='badge'>ready</span>")
    with gr.Row():
        question = gr.Textbox(placeholder="What would you like to know?", scale=5)
        go = gr.Button("Explain", scale=1)
    answer = gr.Markdown(min_height=300) if gr.__version__ >= "5" else gr.Markdown()
    used = gr.Markdown("0 tokens", elem_id="token-counter")
    go.click(ask, [question, level], [badge, answer, used])
    question.submit(ask, [question, level], [badge, answer, used])

if __name__ == "__main__":
    demo.queue().launch()
