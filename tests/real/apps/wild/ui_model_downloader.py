import gradio as gr


def fetch(repo, revision):
    yield "Starting"
    yield f"Fetched {repo}"


with gr.Blocks() as demo:
    gr.Markdown("# Models")
    repo = gr.Textbox(label="Model ID", placeholder="owner/name")
    revision = gr.Textbox(label="Revision", value="main")
    start = gr.Button("Start", variant="primary")
    log = gr.Textbox(label="Output", lines=10)
    start.click(fetch, [repo, revision], log, api_name="fetch")
    repo.submit(fetch, [repo, revision], log, api_name="fetch_1")

if __name__ == "__main__":
    demo.queue().launch()
