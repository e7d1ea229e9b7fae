import gradio as gr
from llm import stream


def ask(image, prompt):
    text = ""
    for piece in stream(prompt, [], "words"):
        text += piece
        yield text


def point(image, thing):
    return image, f"Found no {thing}."


with gr.Blocks() as demo:
    gr.Markdown("# 🌔 A tiny model that sees")
    with gr.Row():
        prompt = gr.Textbox(label="Input", value="Describe this image.", scale=4)
        submit = gr.Button("Submit")
    with gr.Row():
        image = gr.Image(type="pil", label="Upload an Image")
        with gr.Column():
            output = gr.Markdown(label="Response")
            marked = gr.Image(visible=False, label="Marked")
    submit.click(ask, [image, prompt], output)
    prompt.submit(ask, [image, prompt], output)
    output.change(lambda i, o: gr.update(visible=False), [image, output], marked)

if __name__ == "__main__":
    demo.queue().launch()
