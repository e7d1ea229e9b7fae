import gradio as gr


def run(statement):
    return [[1]], "1 row"


with gr.Blocks() as demo:
    statement = gr.Textbox(label="SQL query", placeholder="SELECT 1", lines=4)
    go = gr.Button("Run")
    rows = gr.Dataframe(label="Rows")
    message = gr.Textbox(label="Message", interactive=False)
    gr.on([go.click, statement.submit], run, statement, [rows, message])

if __name__ == "__main__":
    demo.launch()
