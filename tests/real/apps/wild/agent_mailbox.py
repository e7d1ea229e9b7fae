import gradio as gr
from llm import answer


def chat(text, history):
    history.append((text, answer(text, history)))
    return history, ""


with gr.Blocks() as demo:
    gr.Markdown("# 📬 Chat with your mailbox")
    chatbot = gr.Chatbot(label="Assistant")
    box = gr.Textbox(placeholder="Ask me to read, search or reply to an email...", show_label=False)
    clear = gr.Button("Clear Chat")
    state = gr.State([])
    box.submit(chat, [box, state], [chatbot, box])
    clear.click(lambda: ([], ""), None, [chatbot, box])

if __name__ == "__main__":
    demo.launch()
