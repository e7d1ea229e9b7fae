import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def write(request, history, language):
    shown = [*history, {"role": "user", "content": request}, {"role": "assistant", "content": ""}]
    text = ""
    for piece in stream(request, history, "code", language=language):
        text += piece
        shown[-1]["content"] = text
        _, found, rest = text.partition("```python\n")
        code = rest.partition("```")[0] if found else "# ..."
        yield shown, code, f"<pre>{code}</pre>", ""


with gr.Blocks() as demo:
    gr.Markdown("# Code assistant")
    with gr.Row():
        with gr.Column(scale=1):
            chatbot = gr.Chatbot(label="Coder", **KIND)
            box = gr.Textbox(label="Request", placeholder="Describe the program you want")
            language = gr.Radio(["python", "javascript"], value="python", label="Language")
            with gr.Row():
                build = gr.Button("🚀 Generate", variant="primary")
                clear = gr.Button("🗑️ Clear")
        with gr.Column(scale=1), gr.Tabs():
            with gr.Tab("Code"):
                code = gr.Code(label="Generated Code", language="python")
            with gr.Tab("Preview"):
                preview = gr.HTML(label="Preview")
    for event in (build.click, box.submit):
        event(write, [box, chatbot, language], [chatbot, code, preview, box])
    clear.click(lambda: ([], "", "", ""), None, [chatbot, code, preview, box])

if __name__ == "__main__":
    demo.launch()
