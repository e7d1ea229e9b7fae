import gradio as gr


def train(model, data, rate):
    yield "epoch 1"
    yield "epoch 2"


with gr.Blocks() as demo:
    gr.Markdown("# Teach a small model")
    model = gr.Textbox("tiny", label="Base model")
    data = gr.Textbox(label="Training text", lines=10)
    rate = gr.Number(0.001, label="Learning rate")
    go = gr.Button("Start")
    log = gr.Textbox(label="Training output", lines=10)
    go.click(train, [model, data, rate], log)

if __name__ == "__main__":
    demo.launch()
