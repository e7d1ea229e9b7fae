import gradio as gr
from llm import answer


def get_answer(system_prompt, question, model):
    text = answer(question, [], "words", system=system_prompt, model=model)
    return "Tokens used: 12\nPrompt tokens: 3\nTotal cost: $0.0", text


demo = gr.Interface(
    fn=get_answer,
    inputs=[
        "text",
        gr.Textbox(label="question"),
        gr.Radio(choices=["tiny", "small"], value="tiny", label="Model"),
    ],
    outputs=[gr.Textbox(label="Callback"), gr.Textbox(label="Output")],
    submit_btn=gr.Button("Submit"),
    clear_btn=gr.Button("Clear", visible=False),
)

if __name__ == "__main__":
    demo.launch()
