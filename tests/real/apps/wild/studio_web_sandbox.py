import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream


def generate(request, setting, history):
    text = ""
    for piece in stream(request, history):
        text += piece
        yield {
            output: text,
            tabs: gr.update(active_key="loading"),
            drawer: gr.update(open=True),
        }
    yield {
        output: text,
        kept: [*history, [request, text]],
        sandbox: gr.update(template="html", value={"./index.html": text}),
        tabs: gr.update(active_key="render"),
        drawer: gr.update(open=False),
    }


def shown(history):
    return gr.update(open=True), "\n\n".join(str(pair) for pair in history)


with gr.Blocks() as demo:
    kept = gr.State([])
    setting = gr.State({"system": "You design pages."})
    with ms.Application(), antd.ConfigProvider(), antd.Row(gutter=[32, 12]):
        with antd.Col(span=24, md=8), antd.Flex(vertical=True):
            gr.HTML("<h1>Page designer</h1>")
            box = antd.Input.Textarea(size="large", placeholder="What kind of page do you want?")
            send = antd.Button("发送", type="primary", size="large", elem_id="submit-btn")
            clear = antd.Button("清除对话记录", danger=True, elem_id="clear-btn")
            history_button = antd.Button("📜 History")
        with antd.Col(span=24, md=16):
            with antd.Tabs(active_key="empty", render_tab_bar="() => null") as tabs:
                with antd.Tabs.Item(key="empty"):
                    antd.Empty(description="empty input")
                with antd.Tabs.Item(key="loading"):
                    antd.Spin(tip="coding...")
                with antd.Tabs.Item(key="render"):
                    sandbox = pro.WebSandbox(height=700, template="html")
        with antd.Drawer(open=False, title="code", placement="left") as drawer:
            output = ms.Markdown()
        with antd.Drawer(open=False, title="history", placement="left") as history_drawer:
            history = ms.Markdown()
    filled = [output, kept, sandbox, tabs, drawer]
    send.click(generate, [box, setting, kept], filled)
    clear.click(lambda: ([], ""), outputs=[kept, output])
    history_button.click(shown, [kept], [history_drawer, history])
    sandbox.compile_error(lambda state: "An error", [kept], [output])

if __name__ == "__main__":
    demo.queue().launch()
