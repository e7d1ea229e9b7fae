import gradio as gr
from llm import stream, turns


def run_all():
    return "3 of 20 are right.", [["1", "a"], ["2", "b"]]


def chat(message, history):
    text = ""
    for piece in stream(message, turns(history)):
        text += piece
        yield text


with gr.Blocks() as demo:
    gr.Markdown("# Evaluation of an agent\nSign in, then run the evaluation.")
    with gr.Accordion("Try the agent", open=True):
        gr.ChatInterface(chat, **({} if gr.__version__.startswith("6") else {"type": "messages"}))
    run = gr.Button("Run Evaluation & Submit All Answers")
    status = gr.Textbox(label="Run Status / Submission Result", lines=5, interactive=False)
    results = gr.Dataframe(label="Questions and Agent Answers", wrap=True)
    run.click(run_all, None, [status, results])

if __name__ == "__main__":
    demo.launch()
