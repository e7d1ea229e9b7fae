import queue
import threading

import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}
END = object()


def crew(question, site, mailbox):
    mailbox.put({"title": "🤖 Support agent", "text": f"I read {site} first."})
    mailbox.put({"title": "🤖 Reviewer", "text": "It is good."})
    for piece in stream(question, [], "emoji", site=site):
        mailbox.put({"title": None, "text": piece})
    mailbox.put(END)


def process(question, site):
    mailbox = queue.Queue()
    threading.Thread(target=crew, args=(question, site, mailbox), daemon=True).start()
    shown = [{"role": "user", "content": question}]
    while (message := mailbox.get()) is not END:
        if message["title"]:
            shown.append(
                {
                    "role": "assistant",
                    "content": message["text"],
                    "metadata": {"title": message["title"]},
                }
            )
        elif shown[-1].get("metadata"):
            shown.append({"role": "assistant", "content": message["text"]})
        else:
            shown[-1]["content"] += message["text"]
        yield shown


with gr.Blocks() as demo:
    gr.Markdown("# A crew answers")
    chatbot = gr.Chatbot(height=500, **KIND)
    with gr.Row(equal_height=True):
        site = gr.Textbox(label="Documentation URL", value="https://docs.example.org", scale=2)
        query = gr.Textbox(label="Your Inquiry", placeholder="Write here what you need", scale=4)
        clear = gr.ClearButton([query, chatbot])
    submit = gr.Button("Get Support", variant="primary")
    submit.click(process, inputs=[query, site], outputs=chatbot)

if __name__ == "__main__":
    demo.queue().launch()
