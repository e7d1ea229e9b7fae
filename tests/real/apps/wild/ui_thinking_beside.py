import gradio as gr
from llm import stream


def solve(problem):
    thought = ""
    for piece in ("First", " this,", " then", " that."):
        thought += piece
        yield thought, "", ""
    text = ""
    for piece in stream(problem, [], "words"):
        text += piece
        yield thought, text, ""
    yield thought, text, "1.2 s"


with gr.Blocks() as demo:
    gr.Markdown("# Reasoner")
    problem = gr.Textbox(label="Problem", lines=4, placeholder="e.g., A train leaves at noon...")
    button = gr.Button("Solve", variant="primary")
    with gr.Row():
        thinking = gr.Textbox(label="🤔 Thinking process", lines=15, interactive=False)
        final = gr.Textbox(label="✅ Final answer", lines=15, interactive=False)
    latency = gr.Textbox(label="Latency", interactive=False)
    button.click(solve, problem, [thinking, final, latency])
    problem.submit(solve, problem, [thinking, final, latency])

if __name__ == "__main__":
    demo.queue().launch()
