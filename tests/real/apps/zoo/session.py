import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}

SESSIONS = {}


def start(request: gr.Request):
    SESSIONS[request.session_hash] = []
    return {"ready": True}


def end(request: gr.Request):
    SESSIONS.pop(request.session_hash, None)


with gr.Blocks(delete_cache=(600, 600)) as demo:
    session = gr.State({"ready": False}, time_to_live=600, delete_callback=lambda s: None)
    chatbot = gr.Chatbot(**kind)
    msg = gr.Textbox(label="Message")

    def reply(message, shown, session, request: gr.Request):
        memory = SESSIONS.get(request.session_hash)
        if memory is None:
            raise gr.Error("Your session has ended. Please reload the page.")
        before = list(memory)
        text = ""
        for piece in stream(message, before, "words", ready=session["ready"]):
            text += piece
            asked = [*shown, {"role": "user", "content": message}]
            yield "", [*asked, {"role": "assistant", "content": text}]
        memory.append([message, text])

    demo.load(start, None, session)
    demo.unload(end)
    msg.submit(reply, [msg, chatbot, session], [msg, chatbot])

if __name__ == "__main__":
    demo.launch()
