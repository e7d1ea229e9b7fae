import gradio as gr
from llm import stream

MESSAGES = {} if gr.__version__.startswith("6") else {"type": "messages"}


def predict(key, system, history, text, chatbot, tokens, top_p, model):
    shown = [*chatbot, {"role": "user", "content": text}, {"role": "assistant", "content": ""}]
    before = list(history)
    for piece in stream(text, before, "cjk", system=system, model=model):
        shown[-1]["content"] += piece
        history = [*before, (text, shown[-1]["content"])]
        yield shown, history, f"用量：{len(shown)}", [*tokens, len(shown)]


with gr.Blocks() as demo:
    history = gr.State([])
    tokens = gr.State([])
    key = gr.State("")
    with gr.Row():
        gr.HTML("<h1>小模型</h1>")
        status = gr.Markdown("就绪", elem_id="status_display")
    with gr.Row():
        with gr.Column(scale=5):
            chatbot = gr.Chatbot(elem_id="xiao_chatbot", **MESSAGES)
            with gr.Row():
                user = gr.Textbox(show_label=False, placeholder="在这里输入")
                send = gr.Button("发送", variant="primary")
            with gr.Row():
                empty = gr.Button("🧹 新的对话")
                again = gr.Button("🔄 重新生成")
                remove = gr.Button("🗑️ 删除一条对话")
        with gr.Column():
            with gr.Tab(label="模型"):
                secret = gr.Textbox(placeholder="密钥...", type="password", label="API-Key")
                model = gr.Dropdown(["小", "大"], value="小", label="选择模型")
            with gr.Tab(label="Prompt"):
                system = gr.Textbox(label="System prompt", value="你是助手。", lines=10)
            with gr.Tab(label="保存/加载"):
                name = gr.Textbox(label="设置保存文件名", value="对话历史记录")
                save = gr.Button("💾 保存对话")
                file = gr.File(interactive=True)
            with gr.Tab(label="高级"):
                top_p = gr.Slider(0, 1.0, value=1.0, step=0.05, label="Top-p")
                url = gr.Textbox(label="API地址", value="http://localhost/v1", lines=2)
                change = gr.Button("🔄 切换API地址")

    secret.submit(lambda k: (k, "ok"), secret, [key, status])
    inputs = [key, system, history, user, chatbot, tokens, top_p, model]
    for event in (user.submit, send.click):
        event(predict, inputs, [chatbot, history, status, tokens], show_progress=True)
        event(lambda: gr.update(value=""), [], [user])
    empty.click(lambda: ([], [], [], "新"), None, [chatbot, history, tokens, status])
    again.click(lambda c, h: (c, h), [chatbot, history], [chatbot, history])
    remove.click(lambda c, h: (c[:-2], h[:-1]), [chatbot, history], [chatbot, history])
    save.click(lambda n, s, h, c: None, [name, system, history, chatbot], file)
    change.click(lambda u: u, [url], [status])

if __name__ == "__main__":
    demo.queue().launch()
