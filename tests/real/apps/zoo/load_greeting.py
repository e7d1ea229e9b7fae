import gradio as gr
from llm import stream

with gr.Blocks() as demo:
    chatbot = gr.Chatbot(label="Guide", avatar_images=(None, None))
    message = gr.Textbox(label="Ask the guide")
    examples = gr.Examples(["Where am I?", "What now?"], message)

    def welcome():
        return [[None, "Welcome! I am your guide."]]

    def chat(text, history):
        pairs = [*history, [text, ""]]
        for piece in stream(text, history, "words", shown=len(history)):
            pairs[-1][1] += piece
            yield pairs
        yield pairs

    demo.load(welcome, None, chatbot)
    message.submit(chat, [message, chatbot], chatbot).then(
        lambda: gr.update(value=""), None, message, queue=False
    )

if __name__ == "__main__":
    demo.queue().launch()
