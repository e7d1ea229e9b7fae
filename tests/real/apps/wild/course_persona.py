import gradio as gr
from llm import stream, turns

PEOPLE = {"Pirate": "Talk like a pirate.", "Teacher": "Explain well."}


def chat(message, history, persona, warmth, loud):
    text = ""
    for piece in stream(message, turns(history), persona=persona, warmth=warmth, loud=loud):
        text += piece
        yield text


with gr.Blocks() as demo:
    gr.Markdown("# Who do you want to talk to?")
    persona = gr.Radio(list(PEOPLE), value="Pirate", label="Persona")
    description = gr.Markdown(PEOPLE["Pirate"])
    persona.change(PEOPLE.get, persona, description)
    gr.ChatInterface(
        chat,
        additional_inputs=[
            persona,
            gr.Slider(0, 1, 0.5, label="Warmth"),
            gr.Checkbox(False, label="Loud"),
        ],
        **({} if gr.__version__.startswith("6") else {"type": "messages"}),
    )

if __name__ == "__main__":
    demo.launch()
