import gradio as gr
from llm import stream


def respond(question, top_k):
    text = ""
    for piece in stream(question, [], "cjk", k=top_k):
        text += piece
        yield "文档一\n文档二", text


with gr.Blocks() as demo:
    gr.Markdown("# 文档问答")
    with gr.Tab("问答"):
        question = gr.Textbox(label="问题", placeholder="请输入您的问题")
        top_k = gr.Slider(1, 10, value=3, step=1, label="检索数量")
        with gr.Row():
            send = gr.Button("提交", variant="primary")
            clear = gr.Button("清空")
        sources = gr.Textbox(label="参考资料", lines=6)
        result = gr.Textbox(label="回答", lines=6)
    with gr.Tab("管理"):
        name = gr.Textbox(label="知识库名称")
        with gr.Row():
            create = gr.Button("创建")
            delete = gr.Button("删除")
        status = gr.Textbox(label="状态")
    send.click(respond, [question, top_k], [sources, result])
    clear.click(lambda q: ("", "", ""), question, [question, sources, result])
    create.click(lambda n: f"已创建 {n}", name, status)
    delete.click(lambda n: f"已删除 {n}", name, status)

if __name__ == "__main__":
    demo.queue().launch()
