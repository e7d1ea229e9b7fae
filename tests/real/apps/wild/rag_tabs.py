import gradio as gr
from llm import answer, stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def chat(message, history):
    shown = [*history, {"role": "user", "content": message}, {"role": "assistant", "content": ""}]
    for piece in stream(message, history):
        shown[-1]["content"] += piece
        yield "", shown


def summarize(text, words):
    return answer(text, [], words=words)


def quiz(subject, count):
    return answer(subject, [], count=count)


def ingest(url):
    return f"Added {url}"


with gr.Blocks() as demo:
    gr.Markdown("# My notebook")
    with gr.Tabs():
        with gr.Tab("📥 Sources"):
            url = gr.Textbox(label="Web page URL")
            add = gr.Button("Add source")
            added = gr.Textbox(label="Log")
            add.click(ingest, url, added)
        with gr.Tab("💬 Chat"):
            chatbot = gr.Chatbot(**KIND)
            box = gr.Textbox(label="Message", placeholder="Ask your sources")
            box.submit(chat, [box, chatbot], [box, chatbot])
        with gr.Tab("📝 Summary"):
            text = gr.Textbox(label="Text", lines=8)
            words = gr.Number(100, label="Words")
            short = gr.Textbox(label="Summary")
            gr.Button("Summarize").click(summarize, [text, words], short)
        with gr.Tab("❓ Quiz"):
            subject = gr.Textbox(label="Topic")
            count = gr.Slider(1, 10, 3, step=1, label="Questions")
            sheet = gr.Markdown()
            gr.Button("Generate quiz").click(quiz, [subject, count], sheet)

if __name__ == "__main__":
    demo.launch()
