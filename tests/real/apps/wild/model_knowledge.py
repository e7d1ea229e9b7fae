import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}
WELCOME = [
    {"role": "assistant", "content": "欢迎使用！请在右侧切换模式。"},
    {"role": "assistant", "content": "模型已成功加载，可以开始对话"},
]


def get_answer(query, base, shown, mode):
    before = list(shown)
    shown = [*before, {"role": "user", "content": query}, {"role": "assistant", "content": ""}]
    for piece in stream(query, before, "words", mode=mode):
        shown[-1]["content"] += piece
        yield shown, ""


def add_base(name, bases, shown):
    said = {"role": "assistant", "content": f"已新增知识库 {name}"}
    choices = [*bases, name]
    return gr.update(choices=choices, value=name), choices, [*shown, said]


def load_files(selected, files, shown):
    return selected, None, [*shown, {"role": "assistant", "content": "已加载"}]


def reload(model, turns, shown):
    return [*shown, {"role": "assistant", "content": "模型已成功重新加载"}]


with gr.Blocks() as demo:
    base, bases = gr.State(""), gr.State(["新建知识库"])
    gr.Markdown("# 🎉小知识库 WebUI🎉")
    with gr.Tab("对话"), gr.Row():
        with gr.Column(scale=10):
            chatbot = gr.Chatbot(WELCOME, elem_id="chat-box", show_label=False, **MESSAGES)
            query = gr.Textbox(show_label=False, placeholder="请输入提问内容，按回车进行提交")
        with gr.Column(scale=5):
            mode = gr.Radio(["LLM 对话", "知识库问答"], label="请选择使用模式", value="LLM 对话")
            with gr.Accordion("配置知识库") as setting:
                selected = gr.Dropdown(["新建知识库"], label="请选择要加载的知识库")
                name = gr.Textbox(label="请输入新建知识库名称", lines=1, interactive=True)
                add = gr.Button(value="添加至知识库选项")
                with gr.Column(visible=False) as upload:
                    files = gr.File(label="添加文件", file_count="multiple")
                    load = gr.Button("上传文件并加载知识库")
    with gr.Tab("模型配置"):
        model = gr.Radio(["tiny"], label="LLM 模型", value="tiny")
        turns = gr.Slider(0, 10, value=3, step=1, label="LLM 对话轮数")
        reload_button = gr.Button("重新加载模型")
    mode.change(lambda m: gr.update(visible=m == "知识库问答"), mode, setting)
    add.click(add_base, [name, bases, chatbot], [selected, bases, chatbot])
    selected.change(lambda s: gr.update(visible=s != "新建知识库"), selected, upload)
    load.click(load_files, [selected, files, chatbot], [base, files, chatbot])
    query.submit(get_answer, [query, base, chatbot, mode], [chatbot, query])
    reload_button.click(reload, [model, turns, chatbot], chatbot)

if __name__ == "__main__":
    demo.queue().launch()
