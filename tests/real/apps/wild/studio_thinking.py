import gradio as gr
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream


def told(messages):
    """Return the conversation as the model wants it: without thoughts."""
    for message in messages:
        content = message["content"]
        if isinstance(content, list):
            content = "".join(part["content"] for part in content if part["type"] == "text")
        yield {"role": message["role"], "content": content}


def respond(text, messages):
    history = list(told(messages))
    messages.append({"role": "user", "content": text})
    thought = {"type": "tool", "content": "", "options": {"title": "🤔 Thinking..."}}
    messages.append({"role": "assistant", "content": [thought], "loading": True})
    yield gr.update(value=None, loading=True), gr.update(value=messages)
    messages[-1]["loading"] = False
    for piece in ["The question ", "is short", ". I am", " sure."]:
        thought["content"] += piece
        yield gr.skip(), gr.update(value=messages)
    thought["options"] = {"title": "End of Thought (0.01s)", "status": "done"}
    answer = {"type": "text", "content": ""}
    messages[-1]["content"].append(answer)
    for piece in stream(text, history):
        answer["content"] += piece
        yield gr.skip(), gr.update(value=messages)
    messages[-1]["status"] = "done"
    yield gr.update(loading=False), gr.update(value=messages)


with gr.Blocks() as demo, ms.Application(), antdx.XProvider():
    chatbot = pro.Chatbot(height=500)
    sender = antdx.Sender(placeholder="Ask me anything")
    sender.submit(respond, [sender, chatbot], [sender, chatbot])

if __name__ == "__main__":
    demo.queue().launch()
