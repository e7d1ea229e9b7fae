import gradio as gr
from llm import stream


def predict(text, chatbot, max_length, top_p, history, cache):
    chatbot.append((text, ""))
    reply = ""
    for piece in stream(text, history, cache=cache or 0):
        reply += piece
        chatbot[-1] = (text, reply)
        yield chatbot, [*history, (text, reply)], (cache or 0) + 1


with gr.Blocks() as demo:
    gr.HTML("<h1 align='center'>A tiny model</h1>")
    chatbot = gr.Chatbot()
    with gr.Row():
        with gr.Column(scale=4):
            user_input = gr.Textbox(show_label=False, placeholder="Input...", lines=10)
            submit = gr.Button("Submit", variant="primary")
        with gr.Column(scale=1):
            empty = gr.Button("Clear History")
            max_length = gr.Slider(0, 32768, value=8192, step=1.0, label="Maximum length")
            top_p = gr.Slider(0, 1, value=0.8, step=0.01, label="Top P")
    history = gr.State([])
    cache = gr.State(None)

    inputs = [user_input, chatbot, max_length, top_p, history, cache]
    submit.click(predict, inputs, [chatbot, history, cache], show_progress=True)
    submit.click(lambda: gr.update(value=""), [], [user_input])
    empty.click(lambda: ([], [], None), outputs=[chatbot, history, cache])

if __name__ == "__main__":
    demo.queue().launch()
