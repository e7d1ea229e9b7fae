import gradio as gr
from llm import answer


def process(question):
    return "SELECT 1", "[(1,)]", answer(question)


with gr.Blocks(title="Questions to a database") as demo:
    gr.Markdown("# 🧠 Ask the database\nYour question becomes a safe query.")
    with gr.Row():
        question = gr.Textbox(label="Ask a question", placeholder="Which department pays most?")
    with gr.Row():
        go = gr.Button("Generate Answer", variant="primary")
    with gr.Row():
        sql = gr.Code(label="Generated SQL", language="sql")
    with gr.Row():
        rows = gr.Textbox(label="SQL Execution Result", lines=5)
    with gr.Row():
        explanation = gr.Markdown(label="Explanation")
    go.click(process, [question], [sql, rows, explanation])

if __name__ == "__main__":
    demo.launch()
