import gradio as gr

PRIVATE = {"api_visibility": "private"} if gr.__version__.startswith("6") else {"api_name": False}

with gr.Blocks() as demo:
    number, text = gr.Number(value=10, label="n"), gr.Textbox(label="text")
    gr.Button("one").click(lambda n: f"{n}!", number, text, **PRIVATE)
    gr.Button("two").click(lambda n: f"{n}!", number, text, **PRIVATE)

if __name__ == "__main__":
    demo.launch()
