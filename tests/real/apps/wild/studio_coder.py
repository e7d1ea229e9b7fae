import base64

import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.base as ms
from llm import stream

SYSTEM = "You write web pages."


def preview(code):
    data = base64.b64encode(code.encode()).decode()
    return f'<iframe src="data:text/html;base64,{data}" width="100%"></iframe>'


def generate(request, system, state):
    yield {spinner: gr.update(spinning=True), tabs: gr.update(active_key="loading"), code: None}
    text = ""
    for piece in stream(request, state["history"]):
        text += piece
        yield {code: gr.update(value=text), spinner: gr.update(spinning=False)}
    state["history"] += [
        {"role": "user", "content": request},
        {"role": "assistant", "content": text},
    ]
    yield {
        code: gr.update(value=text),
        download: gr.update(value=text.strip()),
        tabs: gr.update(active_key="render"),
        spinner: gr.update(spinning=False),
        sandbox: gr.update(value=preview(text)),
        kept: gr.update(value=state),
    }


def opened():
    return gr.update(open=True)


def closed():
    return gr.update(open=False)


def disabled(is_disabled):
    return lambda: [gr.update(disabled=is_disabled)] * 2


with gr.Blocks() as demo:
    kept = gr.State({"system_prompt": SYSTEM, "history": []})
    with ms.Application(), antd.ConfigProvider(), ms.AutoLoading(), antd.Row(gutter=[32, 12]):
        with antd.Col(span=24, md=8), antd.Flex(vertical=True, gap="middle"):
            box = antd.Input.Textarea(
                placeholder="Describe the web application you want to create", allow_clear=True
            )
            send = antd.Button("Submit", type="primary", block=True)
            antd.Divider("Settings")
            system_button = antd.Button("⚙️ Set System Prompt")
            history_button = antd.Button("📜 History")
            with antd.Card(hoverable=True) as example:
                antd.Card.Meta(title="A card", description="Make a card")
        with antd.Col(span=24, md=16), antd.Card(title="Output"):
            with ms.Slot("extra"):
                save = antd.Button("Download HTML", type="link", disabled=True)
                download = gr.Text(visible=False)
                view = antd.Button("View Code", type="primary")
            with antd.Tabs(active_key="empty", render_tab_bar="() => null") as tabs:
                with antd.Tabs.Item(key="empty"):
                    antd.Empty(description="Nothing yet")
                with antd.Tabs.Item(key="loading"):
                    antd.Spin(tip="Generating code...")
                with antd.Tabs.Item(key="render"):
                    sandbox = gr.HTML()
        with antd.Modal(open=False, title="System Prompt") as system_modal:
            system = antd.Input.Textarea(SYSTEM, auto_size={"minRows": 4, "maxRows": 14})
        with antd.Drawer(open=False, title="Output Code", placement="right") as code_drawer:
            with antd.Spin(spinning=False) as spinner:
                code = ms.Markdown()
        with antd.Drawer(open=False, title="Chat History", placement="left") as history_drawer:
            history = gr.Chatbot(show_label=False)
    example.click(lambda: gr.update(value="Make a card"), outputs=[box])
    system_button.click(opened, outputs=[system_modal])
    system_modal.ok(
        lambda text, state: {**state, "system_prompt": text}, [system, kept], [kept]
    ).then(closed, outputs=[system_modal])
    history_button.click(opened, outputs=[history_drawer]).then(
        lambda state: state["history"], [kept], [history]
    )
    code_drawer.close(closed, outputs=[code_drawer])
    view.click(opened, outputs=[code_drawer])
    save.click(None, [download], js="(content) => { console.log(content) }")
    filled = [code, tabs, sandbox, download, spinner, kept]
    send.click(opened, outputs=[code_drawer]).then(disabled(True), outputs=[send, save]).then(
        generate, [box, system, kept], filled
    ).then(disabled(False), outputs=[send, save]).then(closed, outputs=[code_drawer])

if __name__ == "__main__":
    demo.queue().launch()
