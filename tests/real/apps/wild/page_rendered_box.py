import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, history, persona):
    shown = history + [
        {"role": "user", "content": message},
        {"role": "assistant", "content": ""},
    ]
    for piece in stream(message, history, persona=persona):
        shown[-1]["content"] += piece
        yield "", shown


with gr.Blocks() as demo:
    persona = gr.Radio(["pirate", "poet"], value="poet", label="Persona")
    history = gr.Chatbot(**MESSAGES)

    @gr.render(inputs=persona)
    def room(chosen):
        gr.Markdown(f"You talk to a {chosen}.")
        with gr.Row():
            box = gr.Textbox(placeholder="Type a message")
            send = gr.Button("Send")
        chosen_name = gr.State(chosen)
        parts = [respond, [box, history, chosen_name], [box, history]]
        send.click(*parts)
        box.submit(*parts)


if __name__ == "__main__":
    demo.queue().launch()
