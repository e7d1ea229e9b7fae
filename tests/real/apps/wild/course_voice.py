import gradio as gr
from llm import answer


def transcribe(sound):
    return ""


def process(text, speak):
    return answer(text, [], speak=speak), None


with gr.Blocks() as ui:
    gr.Markdown("# 🎙️ Voice chat\nRecord your voice or type text.")
    with gr.Row():
        with gr.Column():
            text = gr.Textbox(label="📝 Type your question", placeholder="Type or record", lines=3)
            speak = gr.Checkbox(label="🔊 Speak the reply", value=True)
            with gr.Accordion("🎤 Voice message?", open=False):
                sound = gr.Audio(sources=["microphone"], type="filepath", label="Record")
            submit = gr.Button("Ask AI 🚀", variant="primary")
        with gr.Column():
            response = gr.Textbox(label="💬 AI Response", lines=8, interactive=False)
            with gr.Accordion("🎤 Voice response", open=False):
                spoken = gr.Audio(label="🔊 Listen to response")
    sound.change(transcribe, [sound], text)
    submit.click(process, [text, speak], [response, spoken])

if __name__ == "__main__":
    ui.launch()
