import gradio as gr
from llm import answer

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}

with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**kind)
    msg = gr.Textbox()
    clear = gr.ClearButton([msg, chatbot])

    def respond(message, chat_history):
        bot_message = answer(message, chat_history, "markdown")
        chat_history.append({"role": "user", "content": message})
        chat_history.append({"role": "assistant", "content": bot_message})
        return "", chat_history

    msg.submit(respond, [msg, chatbot], [msg, chatbot])

if __name__ == "__main__":
    demo.launch()
