import base64

import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.base as ms
import modelscope_studio.components.legacy as legacy
from llm import stream


def preview(page):
    data = base64.b64encode(page.encode()).decode()
    return f'<iframe src="data:text/html;base64,{data}" width="100%"></iframe>'


def write(wish, before):
    text = ""
    for piece in stream(wish, before):
        text += piece
        yield {
            code: text,
            tabs: gr.update(active_key="loading"),
            code_drawer: gr.update(open=True),
        }
    yield {
        code: text,
        kept: [*before, [wish, text]],
        result: preview(text),
        tabs: gr.update(active_key="render"),
        code_drawer: gr.update(open=False),
    }


with gr.Blocks() as demo:
    kept = gr.State([])
    with ms.Application(), antd.ConfigProvider(), antd.Row(gutter=[32, 12]):
        with antd.Col(span=24, md=8):
            box = antd.InputTextarea(placeholder="What kind of page should be made?")
            send = antd.Button("send", type="primary")
            clear = antd.Button("clear history")
            with antd.Drawer(open=False, title="code", placement="left") as code_drawer:
                code = legacy.Markdown()
        with (
            antd.Col(span=24, md=16),
            antd.Tabs(active_key="empty", render_tab_bar="() => null") as tabs,
            antd.Tabs.Item(key="empty"),
        ):
            antd.Empty(description="Nothing yet")
            with antd.Tabs.Item(key="loading"):
                antd.Spin(True, tip="writing...")
            with antd.Tabs.Item(key="render"):
                result = gr.HTML()
    send.click(write, [box, kept], [code, kept, result, tabs, code_drawer])
    clear.click(list, outputs=[kept])

if __name__ == "__main__":
    demo.queue().launch()
