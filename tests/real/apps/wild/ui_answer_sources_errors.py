import gradio as gr
from llm import answer


def ask(question):
    return "", "- a leaflet\n- a study", answer(question, [], "markdown")


with gr.Blocks(title="Leaflets") as demo:
    gr.Markdown("## Ask the leaflets")
    q = gr.Textbox(label="Ask a question about a medicine", placeholder="e.g., How often?")
    button = gr.Button("Ask")
    err = gr.Markdown(label="Errors", visible=True)
    src = gr.Markdown(label="Top Sources")
    ans = gr.Markdown(label="Answer")
    button.click(fn=ask, inputs=q, outputs=[err, src, ans])

if __name__ == "__main__":
    demo.launch()
