import gradio as gr

with gr.Blocks() as demo:
    for number in range(1000):
        box = gr.Textbox(label=f"text {number}")
        box.submit(lambda text: text, box, box, api_name=f"submit_{number}")
        gr.Button(f"send {number}").click(
            lambda text: f"{text}!", box, box, api_name=f"click_{number}"
        )

if __name__ == "__main__":
    demo.launch()
