import gradio as gr


def remember(text, kept, seen):
    kept = [*kept, text]
    return ", ".join(kept), kept, seen + 1


with gr.Blocks() as demo:
    text, told = gr.Textbox(label="text"), gr.Textbox(label="told")
    kept = gr.BrowserState(["first"])
    seen = gr.State(0)
    gr.Button("go").click(remember, [text, kept, seen], [told, kept, seen], api_name="remember")

if __name__ == "__main__":
    demo.launch()
