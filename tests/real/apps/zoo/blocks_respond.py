import gradio as gr
from llm import stream

with gr.Blocks() as demo:
    chatbot = gr.Chatbot()
    msg = gr.Textbox()
    clear = gr.ClearButton([msg, chatbot])

    def respond(message, chat_history):
        chat_history = chat_history + [[message, ""]]
        for piece in stream(message, chat_history[:-1], "words"):
            chat_history[-1][1] += piece
            yield "", chat_history

    msg.submit(respond, [msg, chatbot], [msg, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
