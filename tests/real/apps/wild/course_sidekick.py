import gradio as gr
from llm import answer

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


class Sidekick:
    def __init__(self):
        self.memory = []
        self.ready = False

    async def setup(self):
        self.ready = True

    async def run(self, message, criteria, history):
        text = answer(message, self.memory, criteria=criteria or "none", ready=self.ready)
        self.memory.append((message, text))
        return [
            *history,
            {"role": "user", "content": message},
            {"role": "assistant", "content": text},
            {"role": "assistant", "content": "Evaluator: this answers the question."},
        ]


async def setup():
    sidekick = Sidekick()
    await sidekick.setup()
    return sidekick


async def process(sidekick, message, criteria, history):
    return await sidekick.run(message, criteria, history), sidekick


async def reset():
    return "", "", None, await setup()


with gr.Blocks(title="Sidekick") as ui:
    gr.Markdown("## Your own co-worker")
    sidekick = gr.State(delete_callback=lambda _: None)
    with gr.Row():
        chatbot = gr.Chatbot(label="Sidekick", height=300, **KIND)
    with gr.Group():
        with gr.Row():
            message = gr.Textbox(show_label=False, placeholder="Your request to the Sidekick")
        with gr.Row():
            criteria = gr.Textbox(show_label=False, placeholder="What are your success criteria?")
    with gr.Row():
        again = gr.Button("Reset", variant="stop")
        go = gr.Button("Go!", variant="primary")
    inputs, outputs = [sidekick, message, criteria, chatbot], [chatbot, sidekick]
    ui.load(setup, [], [sidekick])
    message.submit(process, inputs, outputs)
    criteria.submit(process, inputs, outputs)
    go.click(process, inputs, outputs)
    again.click(reset, [], [message, criteria, chatbot, sidekick])

if __name__ == "__main__":
    ui.launch()
