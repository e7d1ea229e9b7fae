import gradio as gr

with gr.Blocks() as demo:
    gr.Markdown("# Coming soon")

if __name__ == "__main__":
    demo.launch()
