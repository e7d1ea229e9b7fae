import gradio as gr

NOTES = []


def add(title, text):
    NOTES.append((title, text))
    return "", "", "\n".join(f"- {each}" for each, _ in NOTES)


def remove(title):
    NOTES[:] = [each for each in NOTES if each[0] != title]
    return "\n".join(f"- {each}" for each, _ in NOTES)


with gr.Blocks() as demo:
    title = gr.Textbox(label="Title")
    text = gr.Textbox(label="Text", lines=8)
    with gr.Row():
        added = gr.Button("Add note")
        removed = gr.Button("Remove note")
    listed = gr.Markdown()
    added.click(add, [title, text], [title, text, listed])
    removed.click(remove, title, listed)
    demo.load(lambda: "", None, listed)

if __name__ == "__main__":
    demo.launch()
