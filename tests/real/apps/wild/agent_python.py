import gradio as gr


def run(code):
    return f"ran {len(code)} characters"


demo = gr.Interface(
    run,
    gr.Textbox(label="Python code", lines=10, placeholder="print('Hello')"),
    gr.Textbox(label="Output", lines=10),
    title="Sandbox",
)

if __name__ == "__main__":
    demo.launch()
