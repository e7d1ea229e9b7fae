import gradio as gr


def classify(image):
    return {"cat": 0.9, "dog": 0.1}


demo = gr.Interface(classify, gr.Image(), gr.Label(num_top_classes=2), title="Cat or dog?")

if __name__ == "__main__":
    demo.launch()
