import gradio as gr
from llm import answer


def advise(name, age, sex, symptoms):
    return answer(symptoms, [], "markdown", age=age, sex=sex)


with gr.Blocks() as demo:
    gr.Markdown("# A doctor of paper\nNo medical advice.")
    with gr.Row():
        name = gr.Textbox(label="Name")
        age = gr.Number(30, label="Age")
        sex = gr.Radio(["female", "male", "other"], value="other", label="Sex")
    symptoms = gr.Textbox(label="Symptoms", placeholder="Describe your symptoms...", lines=4)
    go = gr.Button("Get Advice")
    advice = gr.Markdown(label="Advice")
    go.click(advise, [name, age, sex, symptoms], advice)

if __name__ == "__main__":
    demo.launch()
