import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def transcribe(audio):
    return "" if audio is None else "dictated words"


def respond(text, history):
    shown = [*history, {"role": "user", "content": text}, {"role": "assistant", "content": ""}]
    for piece in stream(text, history, "repeats"):
        shown[-1]["content"] += piece
        yield shown, gr.update(value=None), f"🔊 {len(shown[-1]['content'])}"


with gr.Blocks() as demo:
    with gr.Row():
        with gr.Column(scale=1):
            audio = gr.Audio(sources=["microphone"], type="filepath", label="Speak")
            transcript = gr.Textbox(label="What you said", lines=2)
            send = gr.Button("Send to the assistant ➤")
            speech = gr.Textbox(label="Speech", interactive=False)
        with gr.Column(scale=2):
            chatbot = gr.Chatbot(label="Talk", **MESSAGES)
    audio.stop_recording(transcribe, audio, transcript)
    send.click(respond, [transcript, chatbot], [chatbot, audio, speech])

if __name__ == "__main__":
    demo.queue().launch()
