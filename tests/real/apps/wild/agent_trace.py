import gradio as gr
from llm import answer


def run(question, use_rag=False):
    steps = [{"step": 1, "tool": "search", "input": question}, {"step": 2, "tool": "finish"}]
    return answer(question, [], rag=use_rag), steps


with gr.Blocks() as demo:
    gr.Markdown("# Agent Demo")
    with gr.Row():
        query = gr.Textbox(label="質問", lines=3)
        use_rag = gr.Checkbox(label="RAGを使う", value=False)
    go = gr.Button("実行", variant="primary")
    result = gr.Markdown(label="回答")
    trace = gr.JSON(label="実行ログ")
    go.click(run, [query, use_rag], [result, trace])

if __name__ == "__main__":
    demo.launch()
