import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.antdx as antdx
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream

WELCOME = {
    "title": "Hello, I'm a tiny model",
    "prompts": {"title": "What shall we do?", "items": [{"description": "Make a plan"}]},
}


def respond(text, messages):
    messages = messages or []
    history = list(messages)
    messages.append({"role": "user", "content": text})
    messages.append({"role": "assistant", "content": "", "loading": True, "status": "pending"})
    yield gr.update(value=None, loading=True), gr.update(value=messages), gr.update(disabled=True)
    messages[-1]["loading"] = False
    for piece in stream(text, history):
        messages[-1]["content"] += piece
        yield gr.update(), gr.update(value=messages), gr.update()
    messages[-1]["footer"] = "0.01s"
    messages[-1]["status"] = "done"
    yield gr.update(loading=False), gr.update(value=messages), gr.update(disabled=False)


def retry(messages, event: gr.EventData):
    index = event._data["payload"][0]["index"]
    yield from respond(messages[index - 1]["content"], messages[: index - 1])


def pick(event: gr.EventData):
    return gr.update(value=event._data["payload"][0]["value"]["description"])


def stop(messages):
    messages[-1]["loading"] = False
    messages[-1]["footer"] = "Stopped"
    return gr.update(value=messages), gr.update(loading=False), gr.update(disabled=False)


with gr.Blocks() as demo, ms.Application(), antdx.XProvider(), ms.AutoLoading():
    with antd.Flex(vertical=True, gap="middle"):
        chatbot = pro.Chatbot(height=600, welcome_config=WELCOME)
        with antdx.Sender() as sender:
            with ms.Slot("prefix"):
                with antd.Button(value=None, variant="text") as clear:
                    with ms.Slot("icon"):
                        antd.Icon("ClearOutlined")
    shown = [sender, chatbot, clear]
    clear.click(lambda: gr.update(value=None), outputs=[chatbot])
    asked = sender.submit(respond, [sender, chatbot], shown)
    sender.cancel(stop, [chatbot], [chatbot, sender, clear], cancels=[asked], queue=False)
    chatbot.retry(retry, [chatbot], shown)
    chatbot.welcome_prompt_select(pick, outputs=[sender])

if __name__ == "__main__":
    demo.queue().launch()
