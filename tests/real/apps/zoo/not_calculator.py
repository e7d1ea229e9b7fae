import gradio as gr


def calculator(num1, operation, num2):
    if operation == "add":
        return num1 + num2
    if operation == "subtract":
        return num1 - num2
    return num1 * num2


with gr.Blocks() as demo:
    with gr.Row():
        num_1 = gr.Number(value=4)
        operation = gr.Radio(["add", "subtract", "multiply"], value="add")
        num_2 = gr.Number(value=0)
    submit_btn = gr.Button(value="Calculate")
    result = gr.Number()
    submit_btn.click(calculator, [num_1, operation, num_2], result, api_name="calculate")

if __name__ == "__main__":
    demo.launch()
