import gradio as gr

OPERATIONS = ["add", "subtract", "multiply", "divide"]


def calculate(num1, operation, num2):
    """Work out two numbers."""
    if operation == "divide" and num2 == 0:
        raise gr.Error("Nothing can be divided by zero!")
    if operation == "add":
        return num1 + num2
    if operation == "subtract":
        return num1 - num2
    return num1 * num2 if operation == "multiply" else num1 / num2


def with_defaults(num1, operation=None, num2=100):
    return calculate(num1, operation or "add", num2)


def greet(name, punctuation):
    return f"Hello {name}{punctuation}"


def describe(words, mood=None, loud=False, many=3, picked=None):
    return {"words": words, "mood": mood, "loud": loud, "many": many, "picked": picked}


def crash():
    raise ValueError("this is no number")


with gr.Blocks() as demo:
    num1, num2 = gr.Number(label="num1"), gr.Number(label="num2")
    ten, empty = gr.Number(value=10, label="num1"), gr.Number(label="num2", value=100)
    operation = gr.Radio(OPERATIONS, label="operation")
    result = gr.Number(label="output")
    name, punctuation = gr.Textbox(label="name"), gr.Textbox(label="punctuation")
    greeting = gr.Textbox(label="Greeting")
    words = gr.Textbox(label="words")
    mood = gr.Dropdown(["glad", "sad"], label="mood", value=None)
    loud = gr.Checkbox(label="loud")
    many = gr.Slider(1, 9, value=3, step=1, label="many")
    picked = gr.CheckboxGroup(["a", "b", "c"], label="picked", value=["a"])
    told = gr.JSON(label="told")
    gr.Button("calc").click(calculate, [num1, operation, num2], result, api_name="calc")
    gr.Button("defaults").click(with_defaults, [ten, operation, empty], result, api_name="defaults")
    gr.Button("greet").click(greet, [name, punctuation], greeting, api_name="greet")
    gr.Button("describe").click(
        describe, [words, mood, loud, many, picked], told, api_name="describe"
    )
    gr.Button("crash").click(crash, None, result, api_name="crash")
    gr.Button("calc at once").click(
        calculate, [num1, operation, num2], result, queue=False, api_name="calc_at_once"
    )
    gr.Button("crash at once").click(crash, None, result, queue=False, api_name="crash_at_once")

if __name__ == "__main__":
    demo.launch()
