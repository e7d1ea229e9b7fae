import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}
FUNCTIONS = ["英语学术润色", "查找语法错误", "中译英", "解释代码"]
PLUGINS = ["解析整个Python项目", "批量总结Word文档"]


def predict(cookies, model, text, text2, top_p, shown, history, system, plugin, *more):
    text = text or text2
    asked = f"{more[-1]}: {text}" if len(more) == 2 else text
    shown = [*shown, {"role": "user", "content": asked}, {"role": "assistant", "content": ""}]
    before = list(history)
    for piece in stream(asked, before, "words", model=model, system=system):
        shown[-1]["content"] += piece
        history = [*before, (asked, shown[-1]["content"])]
        yield cookies, shown, history, "等待响应"
    yield cookies, shown, history, "完成"


def plugin_run(*inputs):
    raise gr.Error("No such project.")


with gr.Blocks(title="学术优化", analytics_enabled=False) as demo:
    gr.HTML("<h1>学术优化</h1>")
    cookies = gr.State({"api_key": "", "llm_model": "tiny"})
    with gr.Row():
        with gr.Column(scale=2):
            chatbot = gr.Chatbot(label="当前模型：tiny", **MESSAGES)
            history = gr.State([])
        with gr.Column(scale=1):
            with gr.Accordion("输入区", open=True) as first_area:
                txt = gr.Textbox(show_label=False, placeholder="Input question here.")
                submit = gr.Button("提交", variant="primary")
                with gr.Row():
                    reset = gr.Button("重置", variant="secondary")
                    stop = gr.Button("停止", variant="secondary")
                    clear = gr.Button("清除", variant="secondary", visible=False)
                status = gr.Markdown("Tip: 按Enter提交, 按Shift+Enter换行。")
            with gr.Accordion("基础功能区", open=True) as functions_area:
                buttons = [gr.Button(name) for name in FUNCTIONS]
            with gr.Accordion("函数插件区", open=True):
                plugins = [gr.Button(name) for name in PLUGINS]
                with gr.Accordion("更多函数插件", open=True):
                    dropdown = gr.Dropdown(["打开插件列表"], value="打开插件列表", label="")
                    plugin = gr.Textbox(label="高级参数输入区", visible=False)
                    switchy = gr.Button("请先从插件列表中选择")
                with gr.Accordion("上传文件", open=False):
                    files = gr.Files(label="任何文件", file_count="multiple")
            with gr.Accordion("更换模型 & SysPrompt", open=False):
                system = gr.Textbox(label="System prompt", value="Serve me.")
                top_p = gr.Slider(0, 1.0, value=1.0, step=0.01, label="Top-p (nucleus sampling)")
                areas = gr.CheckboxGroup(["基础功能区"], value=["基础功能区"], label="显示/隐藏")
                model = gr.Dropdown(["tiny", "small"], value="tiny", label="更换LLM模型/请求源")
            with gr.Accordion("备选输入区", open=True, visible=False) as second_area:
                txt2 = gr.Textbox(show_label=False, placeholder="Input question here.")
                submit2 = gr.Button("提交", variant="primary")
    areas.select(lambda a: gr.update(visible="基础功能区" in a), areas, functions_area)
    combo = [cookies, model, txt, txt2, top_p, chatbot, history, system, plugin]
    outputs = [cookies, chatbot, history, status]
    running = [
        event(predict, combo, outputs)
        for event in (txt.submit, txt2.submit, submit.click, submit2.click)
    ]
    reset.click(lambda: ([], [], "已重置"), None, [chatbot, history, status])
    clear.click(lambda: ("", ""), None, [txt, txt2])
    for name, button in zip(FUNCTIONS, buttons, strict=True):
        running.append(button.click(predict, [*combo, gr.State(True), gr.State(name)], outputs))
    for button in [*plugins, switchy]:
        run = button.click(plugin_run, [*combo, gr.State(7860)], outputs)
        run.then(lambda f, c: (f, c), [files, chatbot], [files, chatbot])
        running.append(run)
    dropdown.select(lambda d: gr.update(value=d), dropdown, switchy)
    stop.click(None, None, None, cancels=running)

if __name__ == "__main__":
    demo.queue().launch()
