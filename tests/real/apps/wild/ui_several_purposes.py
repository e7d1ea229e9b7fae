import gradio as gr
from llm import answer


def ask(question):
    return answer(question, [], "markdown")


def check(scenario):
    return f"## Coverage of {scenario}: no"


def compare(query):
    return f"| {query} |\n|---|"


with gr.Blocks(title="Policies") as demo:
    gr.Markdown("# Policies")
    with gr.Tabs():
        with gr.TabItem("💬 Ask Questions"):
            question = gr.Textbox(placeholder="e.g., What is insured?", label="Your Question")
            submit = gr.Button("Ask", variant="primary")
            shown = gr.Markdown(label="Answer")
            gr.Examples(["What is it?", "Is it insured?"], inputs=question)
            submit.click(ask, question, shown)
            question.submit(ask, question, shown)
        with gr.TabItem("✅ Check Coverage"):
            scenario = gr.Textbox(placeholder="e.g., A flood", label="Describe Your Scenario")
            coverage = gr.Markdown(label="Coverage Result")
            gr.Button("Check Coverage", variant="primary").click(check, scenario, coverage)
        with gr.TabItem("📊 Compare Policies"):
            query = gr.Textbox(placeholder="e.g., Compare limits", label="What to Compare")
            compared = gr.Markdown(label="Comparison Result")
            gr.Button("Compare", variant="primary").click(compare, query, compared)
        with gr.TabItem("⚙️ Admin"):
            files = gr.File(label="Files", file_count="multiple")
            uploaded = gr.Markdown(label="Upload Status")
            gr.Button("📤 Upload Files").click(lambda f: "ok", files, uploaded)
            gr.Button("📥 Ingest Documents").click(lambda: "ok", None, uploaded)

if __name__ == "__main__":
    demo.launch()
