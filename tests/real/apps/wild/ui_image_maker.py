import gradio as gr


def make(prompt, negative, seed):
    return None, seed, f"Made with {prompt}"


with gr.Blocks() as demo:
    prompt = gr.Textbox(label="Prompt", placeholder="Enter your prompt")
    run = gr.Button("Run")
    image = gr.Image(label="Result")
    with gr.Accordion("Advanced", open=False):
        negative = gr.Textbox(label="Negative prompt")
        seed = gr.Slider(0, 100, value=1, label="Seed")
    caption = gr.Markdown()
    gr.on([run.click, prompt.submit], make, [prompt, negative, seed], [image, seed, caption])

if __name__ == "__main__":
    demo.launch()
