import gradio as gr
from llm import stream


def add_text(history, task_history, text):
    return history + [(text, None)], task_history + [(text, None)]


def add_file(history, task_history, file):
    return history + [((file.name,), None)], task_history + [((file.name,), None)]


def predict(chatbot, task_history):
    query = task_history[-1][0]
    reply = ""
    for piece in stream(query, task_history[:-1], "brackets"):
        reply += piece
        chatbot[-1] = (chatbot[-1][0], reply)
        yield chatbot
    task_history[-1] = (query, reply)
    yield chatbot


def regenerate(chatbot, task_history):
    if not task_history:
        return chatbot
    task_history[-1] = (task_history[-1][0], None)
    chatbot[-1] = (chatbot[-1][0], None)
    return predict(chatbot, task_history)


def reset(task_history):
    task_history.clear()
    return []


with gr.Blocks() as demo:
    gr.Markdown("<center><font size=8>A tiny model that sees</center>")
    chatbot = gr.Chatbot(label="Tiny-VL", height=500)
    query = gr.Textbox(lines=2, label="Input")
    task_history = gr.State([])
    with gr.Row():
        empty = gr.Button("🧹 Clear History (清除历史)")
        submit = gr.Button("🚀 Submit (发送)")
        regen = gr.Button("🤔️ Regenerate (重试)")
        upload = gr.UploadButton("📁 Upload (上传文件)", file_types=["image"])

    submit.click(add_text, [chatbot, task_history, query], [chatbot, task_history]).then(
        predict, [chatbot, task_history], [chatbot], show_progress=True
    )
    submit.click(lambda: gr.update(value=""), [], [query])
    empty.click(reset, [task_history], [chatbot])
    regen.click(regenerate, [chatbot, task_history], [chatbot])
    upload.upload(add_file, [chatbot, task_history, upload], [chatbot, task_history])

if __name__ == "__main__":
    demo.queue().launch()
