import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}

with gr.Blocks() as demo:
    chat = gr.Chatbot(**kind)
    prompt = gr.Textbox(label="Prompt", submit_btn=True)
    note = gr.HTML()

    def take(text, history):
        if "fail" in text:
            raise gr.Error("I can't do that")
        return gr.update(value="", interactive=False), [*history, gr.ChatMessage(text, "user")]

    def give(history):
        message = history[-1]["content"]
        message = message if isinstance(message, str) else message[0]["text"]
        reply = ""
        for piece in stream(message, history[:-1], "words"):
            reply += piece
            yield [*history, {"role": "assistant", "content": reply}]

    sent = prompt.submit(take, [prompt, chat], [prompt, chat])
    answered = sent.success(give, chat, chat)
    answered.then(lambda: gr.update(interactive=True), None, prompt)
    sent.failure(lambda: "<b>Something went wrong</b>", None, note)
    answered.success(lambda: "<i>Sent</i>", None, note)

if __name__ == "__main__":
    demo.launch()
