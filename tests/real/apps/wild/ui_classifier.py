import gradio as gr


def classify(text):
    return {"positive": 0.7, "negative": 0.3}


demo = gr.Interface(classify, gr.Textbox(label="Text"), gr.Label(label="Sentiment"))

if __name__ == "__main__":
    demo.launch()
