import gradio as gr
from llm import stream

NEW = not gr.__version__.startswith("4")
KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}
NOTE = '<span style="color: #888; font-size: 12px;">Step 1 | 12 tokens in | 34 out</span>'


def say(text, **metadata):
    return gr.ChatMessage(role="assistant", content=text, metadata=metadata or {})


class Agent:
    def __init__(self):
        self.memory = []

    def run(self, task):
        yield say("**Step 1**")
        yield say("I look it up.")
        yield say("```python\nlook_up()\n```", title="🛠️ Used tool interpreter", id="1")
        yield say("nothing", title="📝 Execution Logs", parent_id="1", status="done")
        yield say(NOTE)
        yield say("-----")
        text = ""
        for piece in stream(task, self.memory):
            text += piece
            yield text
        self.memory.append((task, text))


def interact(prompt, messages, session):
    session.setdefault("agent", Agent())
    messages.append(gr.ChatMessage(role="user", content=prompt))
    yield messages
    streaming = False
    for step in session["agent"].run(prompt):
        if not isinstance(step, str):
            messages.append(step)
        elif streaming:
            messages[-1].content = step
        else:
            streaming = True
            messages.append(say(step))
        yield messages
    yield messages


def log_user(text, files):
    sent = text + (f" (files: {files})" if files else "")
    return sent, gr.Textbox(value="", interactive=False), gr.Button(interactive=False)


with gr.Blocks() as demo:
    session = gr.State({})
    stored = gr.State([])
    log = gr.State([])
    with gr.Sidebar() if NEW else gr.Column():
        gr.Markdown("# Agent\n> Solves tasks with tools.")
        with gr.Group():
            gr.Markdown("**Your request**")
            box = gr.Textbox(
                lines=3, label="Chat Message", container=False, placeholder="Enter your prompt"
            )
            button = gr.Button("Submit", variant="primary")
        upload = gr.File(label="Upload a file")
        status = gr.Textbox(label="Upload Status", interactive=False, visible=False)
        upload.change(lambda f, log: ("ok", [*log, f]), [upload, log], [status, log])
    chatbot = gr.Chatbot(label="Agent", **KIND)

    def enable():
        return gr.Textbox(interactive=True), gr.Button(interactive=True)

    for event in (box.submit, button.click):
        event(log_user, [box, log], [stored, box, button]).then(
            interact, [stored, chatbot, session], [chatbot]
        ).then(enable, None, [box, button])

if __name__ == "__main__":
    demo.launch()
