import gradio as gr
from llm import stream

MODELS = ["llama-3-8b", "mistral-7b", "phi-3"]


def chat(message, history, model, web_search, seed):
    text = ""
    for piece in stream(message, history, "brackets", model=model, web=web_search, seed=int(seed)):
        text += piece
        yield text


with gr.Blocks(title="Pick a model") as demo:
    gr.Markdown("# Pick a model and chat")
    gr.ChatInterface(
        chat,
        additional_inputs=[
            gr.Dropdown(MODELS, value="mistral-7b", label="Model"),
            gr.Checkbox(label="Web search", value=False),
            gr.Number(42, label="Seed"),
        ],
        additional_inputs_accordion=gr.Accordion("Settings", open=False),
        concurrency_limit=5,
    )

if __name__ == "__main__":
    demo.queue(max_size=20).launch()
