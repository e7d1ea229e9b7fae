import gradio as gr

with gr.Blocks() as demo:
    number, text = gr.Number(value=2, label="n"), gr.Textbox(label="text")
    told = gr.Textbox(label="told")
    gr.Button("echo").click(lambda text: f"{text}!", text, told, api_name="echo")

    @gr.render(inputs=number)
    def show(n):
        for index in range(int(n)):
            box = gr.Textbox(label=f"box {index}")
            box.submit(lambda text: text.upper(), box, told, api_name=f"shout_{index}")


if __name__ == "__main__":
    demo.launch()
