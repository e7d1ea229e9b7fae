import gradio as gr
import modelscope_studio.components.antd as antd
import modelscope_studio.components.base as ms
import modelscope_studio.components.pro as pro
from llm import stream


def write(request):
    code = ""
    for piece in stream(request, flavor="code"):
        code += piece
        yield code, gr.update(disabled=True)
    yield code, gr.update(disabled=False)


with gr.Blocks() as demo, ms.Application(), antd.ConfigProvider(), antd.Row():
    with antd.Col(span=8), antd.Form():
        with antd.Form.Item(label="What to write"):
            box = antd.Input.Textarea(placeholder="A prompt, such as: sort a list")
        button = antd.Button("Generate", type="primary")
    with antd.Col(span=16):
        editor = pro.MonacoEditor(language="python", height=600)
    button.click(write, [box], [editor, button])

if __name__ == "__main__":
    demo.queue().launch()
