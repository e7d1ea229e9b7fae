import gradio as gr

with gr.Blocks() as demo:
    text, told = gr.Textbox(label="text"), gr.Textbox(label="told")
    camera = gr.Image(label="camera", sources=["webcam"], streaming=True)
    camera.stream(
        lambda text: text.upper(), text, told, time_limit=2, stream_every=0.1, api_name="camera"
    )

if __name__ == "__main__":
    demo.launch()
