import gradio as gr


def greet(name, count):
    """Greet somebody, and count."""
    return count + 1, f"Hello {name}", count + 1, gr.Accordion(open=False)


def move(opens):
    def moved(count):
        return count + 1, count + 1, gr.Accordion(open=opens)

    return moved


def show(name):
    return f"Hello {name}", gr.Group(visible=True)


with gr.Blocks() as demo:
    name = gr.Textbox(label="name")
    greeting = gr.Textbox(label="greeting")
    shown = gr.Number(label="count")
    count = gr.State(0)
    with gr.Accordion(label="More", open=False) as accordion:
        gr.Textbox("Hello!")
    with gr.Group(visible=False) as group:
        gr.Textbox("Hello!")
    gr.Button("greet").click(
        greet, [name, count], [count, greeting, shown, accordion], api_name="greeting"
    )
    gr.Button("open").click(move(True), count, [count, shown, accordion], api_name="open")
    gr.Button("close").click(move(False), count, [count, shown, accordion], api_name="close")
    gr.Button("show").click(show, name, [greeting, group], api_name="show")
    gr.Button("hide").click(lambda: gr.Group(visible=False), None, group, api_name="hide")

if __name__ == "__main__":
    demo.launch()
