import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(text, shown, users):
    history = list(shown)
    shown = [*history, {"role": "user", "content": text}, {"role": "assistant", "content": ""}]
    for piece in stream(text, history, "words", user=users):
        shown[-1]["content"] += piece
        yield "", shown, gr.update(visible=False), f"**{len(shown)}** messages"


def switch(user):
    return [], f"**User: {user}**", gr.update(visible=False)


with gr.Blocks() as demo:
    state = gr.State("user1")
    with gr.Row():
        with gr.Column(scale=2):
            users = gr.Dropdown(["user1", "user2"], value="user1", label="Select User")
            chatbot = gr.Chatbot(height=300, label="Chat History", **MESSAGES)
            with gr.Row():
                box = gr.Textbox(label="Message", placeholder="Ask about any topic...", scale=4)
                send = gr.Button("Send", variant="primary", scale=1)
            clear = gr.Button("🗑️ Clear History")
            notice = gr.HTML(visible=False)
        with gr.Column(scale=1):
            status = gr.Markdown("**User: user1**")
            files = gr.Textbox(label="Files", value="No files", interactive=False, lines=5)
    users.change(switch, users, [chatbot, status, notice])
    for event in (send.click, box.submit):
        event(respond, [box, chatbot, users], [box, chatbot, notice, status])
    clear.click(lambda: ([], gr.update(visible=True, value="Cleared")), None, [chatbot, notice])
    demo.load(switch, state, [chatbot, status, notice])

if __name__ == "__main__":
    demo.queue().launch()
