import gradio as gr
from llm import stream

default_system = "You are a helpful assistant."


def clear_session():
    return "", []


def modify_system_session(system):
    if not system:
        system = default_system
    return system, system, []


def model_chat(query, history, system):
    if query is None:
        query = ""
    history = history or []
    pairs = [*history, [query, ""]]
    for piece in stream(query, history, "markdown", system=system):
        pairs[-1][1] += piece
        yield "", pairs, system


with gr.Blocks() as demo:
    gr.Markdown("<center><font size=8>Chat bot</center>")
    with gr.Row():
        with gr.Column(scale=3):
            system_input = gr.Textbox(value=default_system, lines=1, label="System")
        with gr.Column(scale=1):
            modify_system = gr.Button("🛠️ Set system prompt and clear history", scale=2)
        system_state = gr.Textbox(value=default_system, visible=False)
    chatbot = gr.Chatbot(label="bot")
    textbox = gr.Textbox(lines=2, label="Input")
    with gr.Row():
        clear_history = gr.Button("🧹 Clear history")
        submit = gr.Button("🚀 Send")

    submit.click(
        model_chat,
        inputs=[textbox, chatbot, system_state],
        outputs=[textbox, chatbot, system_input],
    )
    clear_history.click(fn=clear_session, inputs=[], outputs=[textbox, chatbot])
    modify_system.click(
        fn=modify_system_session,
        inputs=[system_input],
        outputs=[system_state, system_input, chatbot],
    )

if __name__ == "__main__":
    demo.queue(api_open=False).launch()
