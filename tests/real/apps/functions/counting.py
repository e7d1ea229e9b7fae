import time

import gradio as gr


def count(n):
    for i in range(int(n)):
        time.sleep(0.03)
        yield i


def show(n):
    return str(list(range(int(n))))


def fail_at(n):
    for i in range(int(n)):
        yield i
        time.sleep(0.03)
    raise gr.Error("That is far enough.")


def spell(word):
    for end in range(1, len(word) + 1):
        time.sleep(0.03)
        yield word[:end]


def nothing_new(n):
    for _ in range(int(n)):
        yield "the same"
        time.sleep(0.03)


def both(n):
    for i in range(int(n)):
        time.sleep(0.03)
        yield i, f"number {i}"


def forever():
    for i in range(10_000):
        yield i
        time.sleep(0.05)


with gr.Blocks() as demo:
    number = gr.Number(value=10, label="n")
    word = gr.Textbox(label="word")
    text = gr.Textbox(label="text")
    reached = gr.Number(label="reached")
    gr.Button("count").click(count, number, text, api_name="count")
    gr.Button("show").click(show, number, text, api_name="show")
    gr.Button("fail").click(fail_at, number, reached, api_name="fail_at")
    gr.Button("spell").click(spell, word, text, api_name="spell")
    gr.Button("same").click(nothing_new, number, text, api_name="nothing_new")
    gr.Button("both").click(both, number, [reached, text], api_name="both")
    gr.Button("forever").click(forever, None, reached, api_name="forever", concurrency_limit=8)

if __name__ == "__main__":
    demo.launch()
