import gradio as gr


def send(to, subject, body):
    return f"Mail to {to} was sent."


with gr.Blocks() as demo:
    gr.Markdown("# Outreach agent")
    to = gr.Textbox(label="Recipient")
    subject = gr.Textbox(label="Subject")
    body = gr.Textbox(label="Message", lines=8)
    go = gr.Button("Send email")
    result = gr.Textbox(label="Result")
    go.click(send, [to, subject, body], result)

if __name__ == "__main__":
    demo.launch()
