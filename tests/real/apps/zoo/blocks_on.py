import gradio as gr
from llm import stream

with gr.Blocks() as demo:
    with gr.Row():
        temp = gr.Slider(0, 2, value=0.5, step=0.1, label="Temperature")
        style = gr.Radio(["short", "long"], value="short", label="Style")
    prompt = gr.Textbox(label="Prompt", lines=3)
    run = gr.Button("Generate")
    output = gr.Chatbot(label="Conversation")

    def generate(text, history, temperature, how):
        history = history or []
        for piece in ["", *stream(text, history, "emoji", temp=temperature, style=how)]:
            if not piece:
                history = [*history, [text, ""]]
                continue
            history[-1][1] += piece
            yield history

    gr.on([prompt.submit, run.click], generate, [prompt, output, temp, style], output).then(
        lambda: "", None, prompt
    )

if __name__ == "__main__":
    demo.queue().launch()
