import gradio as gr


def send(name, email, message):
    return "Thank you! We will get back to you."


with gr.Blocks() as demo:
    gr.Markdown("# Get in touch")
    name = gr.Textbox(label="Name")
    email = gr.Textbox(label="Email", placeholder="you@example.org")
    message = gr.Textbox(label="Message", lines=5, placeholder="How can we help you?")
    go = gr.Button("Send")
    result = gr.Markdown()
    go.click(send, [name, email, message], result)

if __name__ == "__main__":
    demo.launch()
