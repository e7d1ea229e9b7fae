import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


class Team:
    def __init__(self):
        self.active = "Triage"
        self.turns = []


def chat(message, shown, team):
    team.active = "Sales" if "sky" in message else "Help"
    shown = [*shown, {"role": "user", "content": message}, {"role": "assistant", "content": ""}]
    for piece in stream(message, team.turns, agent=team.active):
        shown[-1]["content"] += piece
        yield shown, team, team.active, {"Sales": 0.7, "Help": 0.3}
    team.turns.append((message, shown[-1]["content"]))
    yield shown, team, team.active, {"Sales": 0.7, "Help": 0.3}


with gr.Blocks() as demo:
    team = gr.State(Team)
    with gr.Row():
        chatbot = gr.Chatbot(label="Conversation", scale=3, **KIND)
        with gr.Column(scale=1):
            active = gr.Textbox(label="Active agent", interactive=False)
            intent = gr.Label(label="Intent")
            usage = gr.JSON(label="Usage")
    box = gr.Textbox(label="You", placeholder="How can we help?", autofocus=True)
    sent = box.submit(chat, [box, chatbot, team], [chatbot, team, active, intent])
    sent.then(lambda: "", None, box, queue=False)
    sent.then(lambda team: {"turns": len(team.turns)}, team, usage)

if __name__ == "__main__":
    demo.launch()
