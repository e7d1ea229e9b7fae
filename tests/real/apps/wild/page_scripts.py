import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


READ = """
async () => {
    const parameters = new URLSearchParams(window.location.search);
    return parameters.get('persona') || 'plain';
}
"""
SEND = """
(message, history, persona) => {
    const page = document.querySelector('.chat');
    if (page) { page.scrollTo(0, page.scrollHeight); }
    console.log('sent', message);
    return [message.trim(), history, persona || 'plain'];
}
"""


def respond(message, history, persona):
    shown = history + [
        {"role": "user", "content": message},
        {"role": "assistant", "content": ""},
    ]
    for piece in stream(message, history, persona=persona):
        shown[-1]["content"] += piece
        yield shown


with gr.Blocks() as demo:
    chatbot = gr.Chatbot(**MESSAGES)
    with gr.Row():
        box = gr.Textbox(placeholder="Type a message", show_label=False)
        send = gr.Button("Send")
    persona = gr.Textbox(visible=False)
    gr.on([send.click, box.submit], respond, [box, chatbot, persona], chatbot, js=SEND).then(
        None, None, box, js="() => ''"
    )
    demo.load(lambda name: name.title(), persona, persona, js=READ)

if __name__ == "__main__":
    demo.queue().launch()
