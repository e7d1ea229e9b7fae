import gradio as gr
from llm import answer


def ask(message, told):
    return "", [*told, (message, answer(message, told))]


with gr.Blocks() as demo:
    told = gr.State([])
    box = gr.Textbox(placeholder="Type a message")

    @gr.render(inputs=told)
    def show(turns):
        for asked, said in turns:
            gr.Markdown(f"**{asked}**")
            gr.Markdown(said)

    box.submit(ask, [box, told], [box, told])

if __name__ == "__main__":
    demo.launch()
