import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream


def add(text, messages):
    messages = [*(messages or []), {"role": "user", "content": text}]
    return gr.update(value=None), messages, gr.update(disabled=False)


def answer(messages, size):
    *history, question = messages
    parts = [{"type": "text", "content": ""}]
    messages.append({"role": "assistant", "content": parts, "header": f"Tiny-{size}"})
    for piece in stream(question["content"], list(told(history)), size=size):
        parts[0]["content"] += piece
        yield messages
    parts.append({"type": "suggestion", "content": [{"description": "And why?"}]})
    yield messages


def told(messages):
    for message in messages:
        content = message["content"]
        text = content if isinstance(content, str) else content[0]["content"]
        yield {"role": message["role"], "content": text}


def last_again(messages, size):
    while messages and messages[-1]["role"] != "user":
        messages.pop()
    yield from answer(messages, size)


with gr.Blocks() as demo, ms.Application(), antdx.XProvider(), ms.AutoLoading():
    antd.Typography.Title("Tiny", level=1)
    size = antd.Select(value="7B", options=[{"label": "7B", "value": "7B"}])
    chatbot = pro.Chatbot(height=400)
    with antdx.Sender(submit_type="enter") as sender:
        with ms.Slot("footer"), antd.Flex(justify="space-between"):
            send = antd.Button("Send", type="primary")
            stop = antd.Button("Stop", disabled=True)
            regenerate = antd.Button("Regenerate")
            clear = antd.Button("Clear", danger=True)
    asked = gr.on(
        [sender.submit, send.click], add, [sender, chatbot], [sender, chatbot, stop]
    ).success(answer, [chatbot, size], [chatbot])
    asked.then(lambda: gr.update(disabled=True), outputs=[stop])
    again = regenerate.click(last_again, [chatbot, size], [chatbot])
    stop.click(lambda: gr.update(disabled=True), outputs=[stop], cancels=[asked, again])
    clear.click(lambda: (None, None), outputs=[chatbot, sender])

if __name__ == "__main__":
    demo.queue().launch()
