import gradio as gr

PRIVATE = {"api_visibility": "private"} if gr.__version__.startswith("6") else {"api_name": False}


def increment(count):
    return count + 1, count + 1


with gr.Blocks() as demo:
    shown = gr.Number(label="count")
    count = gr.State(0)
    gr.Button("queued").click(increment, count, [count, shown], api_name="increment_with_queue")
    gr.Button("at once").click(
        increment, count, [count, shown], queue=False, api_name="increment_without_queue"
    )
    gr.Button("private").click(increment, count, [count, shown], **PRIVATE)

if __name__ == "__main__":
    demo.launch()
