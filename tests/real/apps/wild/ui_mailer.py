import gradio as gr


def send(recipient, subject, message):
    return f"Sent to {recipient}."


with gr.Blocks() as demo:
    recipient = gr.Textbox(label="Recipient")
    subject = gr.Textbox(label="Subject")
    message = gr.Textbox(label="Message", lines=8)
    shown = gr.Markdown()
    gr.Button("Send", variant="primary").click(send, [recipient, subject, message], shown)

if __name__ == "__main__":
    demo.launch()
