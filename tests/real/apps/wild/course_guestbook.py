import gradio as gr

WALL = []


def post(name, text):
    WALL.append(f"**{name}**: {text}")
    return "\n\n".join(WALL), ""


with gr.Blocks() as demo:
    wall = gr.Markdown()
    name = gr.Textbox(label="Name")
    text = gr.Textbox(label="Message")
    button = gr.Button("Post")
    button.click(post, [name, text], [wall, text])
    text.submit(post, [name, text], [wall, text])

if __name__ == "__main__":
    demo.launch()
