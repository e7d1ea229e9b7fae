import gradio as gr
from llm import answer

GREETING = [("", "Hello, which picture is it about?")]


def post(text, temperature, top_p, image, shown, image_hash):
    turns = [(user, bot) for user, bot in shown if user]
    turns.append((text, answer(text, turns, "cjk", temp=temperature)))
    return "", turns, image_hash


with gr.Blocks() as demo:
    gr.Markdown("# A tiny model that sees")
    with gr.Row():
        with gr.Column(scale=4):
            with gr.Group():
                text = gr.Textbox(
                    label="Input Text", placeholder="Write a text prompt here, then press ENTER."
                )
                with gr.Row():
                    run = gr.Button("Generate")
                    clear = gr.Button("Clear")
                image = gr.Image(type="filepath", label="Image Prompt", value=None)
            with gr.Row():
                temperature = gr.Slider(maximum=1, value=0.8, minimum=0, label="Temperature")
                top_p = gr.Slider(maximum=1, value=0.4, minimum=0, label="Top P")
        with gr.Column(scale=5):
            shown = gr.Chatbot(label="Multi-round conversation History", value=GREETING)
            image_hash = gr.Textbox(visible=False)

    inputs = [text, temperature, top_p, image, shown, image_hash]
    run.click(post, inputs, [text, shown, image_hash])
    text.submit(post, inputs, [text, shown, image_hash])
    clear.click(lambda _: ("", GREETING, None), clear, [text, shown, image])
    image.upload(lambda _: GREETING, clear, [shown])
    image.clear(lambda _: GREETING, clear, [shown])

if __name__ == "__main__":
    demo.queue().launch()
