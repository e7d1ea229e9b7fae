import gradio as gr

with gr.Blocks() as demo:
    gr.Markdown("# 知识库管理")
    name = gr.Textbox(label="知识库名称")
    with gr.Row():
        create = gr.Button("创建")
        delete = gr.Button("删除")
        download = gr.Button("下载模型")
    result = gr.Textbox(label="结果")
    create.click(lambda n: f"已创建 {n}", name, result)
    delete.click(lambda n: f"已删除 {n}", name, result)
    download.click(lambda n: f"已下载 {n}", name, result)

if __name__ == "__main__":
    demo.launch()
