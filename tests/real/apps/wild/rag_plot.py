import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def analyse(question, shown, memory):
    shown = [*shown, {"role": "user", "content": question}, {"role": "assistant", "content": ""}]
    for piece in stream(question, memory):
        shown[-1]["content"] += piece
        yield shown, None, None, memory, ""
    table = [["blue", 3], ["red", 1]]
    yield shown, None, table, [*memory, (question, shown[-1]["content"])], ""


with gr.Blocks() as demo:
    memory = gr.State([])
    with gr.Row():
        with gr.Column(scale=3):
            chatbot = gr.Chatbot(label="Data analyst", **KIND)
            box = gr.Textbox(label="Ask about the data")
        with gr.Column(scale=2):
            plot = gr.Plot(label="Chart")
            table = gr.Dataframe(headers=["colour", "count"])
    with gr.Row():
        file = gr.File(label="CSV file", file_types=[".csv"])
        look = gr.Button("Load data")
    look.click(lambda f: [["blue", 3]], file, table)
    box.submit(analyse, [box, chatbot, memory], [chatbot, plot, table, memory, box])

if __name__ == "__main__":
    demo.launch()
