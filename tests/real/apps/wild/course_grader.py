import gradio as gr


def submit(user, code, text):
    return f"{user}: your assignment was handed in."


demo = gr.Interface(
    submit,
    [
        gr.Textbox(label="Username"),
        gr.Textbox(label="Link to your code"),
        gr.Textbox(label="Your answer", lines=5),
    ],
    gr.Textbox(label="Submission result"),
    title="Hand in the final assignment",
)

if __name__ == "__main__":
    demo.launch()
