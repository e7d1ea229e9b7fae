import gradio as gr


def check(age, name):
    return [gr.validate(age >= 0, "An age is not negative."), gr.validate(bool(name), "Who is it?")]


with gr.Blocks() as demo:
    age, name = gr.Number(label="age"), gr.Textbox(label="name")
    out = gr.Textbox(label="out")
    for queue in (True, False):
        gr.Button("register").click(
            lambda age, name: f"{name} is {age}",
            [age, name],
            out,
            validator=check,
            queue=queue,
            api_name="register" if queue else "register_at_once",
        )

if __name__ == "__main__":
    demo.launch()
