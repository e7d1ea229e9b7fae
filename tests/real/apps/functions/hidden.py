import gradio as gr

NEW = gr.__version__.startswith("6")
PRIVATE = {"api_visibility": "private"} if NEW else {"api_name": False}
UNDOCUMENTED = {"api_visibility": "undocumented"} if NEW else {"show_api": False}


def count(n):
    yield from range(int(n))


def count_again(n):
    yield from range(int(n))


with gr.Blocks() as demo:
    number, text = gr.Number(value=10, label="n"), gr.Textbox(label="text")
    gr.Button("count").click(count, number, text)
    gr.Button("again").click(count_again, number, text)
    gr.Button("private").click(count, number, text, **PRIVATE)
    gr.Button("script").click(None, None, None, js="() => console.log('hi')")
    if not gr.__version__.startswith("4.0."):
        gr.Button("hidden").click(
            lambda n: f"hidden {int(n)}", number, text, api_name="hidden", **UNDOCUMENTED
        )

if __name__ == "__main__":
    demo.launch()
