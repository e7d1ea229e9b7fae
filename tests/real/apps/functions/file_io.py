import gradio as gr

demo = gr.Interface(
    lambda files, file: (files, file),
    [gr.File(label="files", file_count="multiple"), gr.File(label="file")],
    [gr.File(label="all", file_count="multiple"), gr.File(label="one")],
    api_name="copy",
)

if __name__ == "__main__":
    demo.launch()
