import gradio as gr
from llm import answer


def predict(query, k):
    text = answer(query, [], k=k)
    return {"answer": text, "k": k}, text, {"relevant": 0.8, "not": 0.2}


with gr.Blocks() as demo:
    query = gr.Textbox(label="Query")
    k = gr.Number(3, label="k", precision=0)
    go = gr.Button("Submit")
    with gr.Row():
        raw = gr.JSON(label="Raw response")
        reply = gr.Textbox(label="Response", lines=6)
        relevance = gr.Label(label="Relevance")
    go.click(predict, [query, k], [raw, reply, relevance])

if __name__ == "__main__":
    demo.launch()
