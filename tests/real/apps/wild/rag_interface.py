import gradio as gr
from llm import answer


def retriever(file, query):
    return answer(query, [], file="none" if file is None else "some")


demo = gr.Interface(
    fn=retriever,
    inputs=[
        gr.File(label="Upload PDF File", file_count="single", file_types=[".pdf"]),
        gr.Textbox(label="Input Query", lines=2, placeholder="Type your question here..."),
    ],
    outputs=gr.Textbox(label="Output"),
    title="Chat with a document",
    description="Upload a document and ask any question.",
)

if __name__ == "__main__":
    demo.launch()
