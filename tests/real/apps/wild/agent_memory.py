import gradio as gr


def remember(fact, known):
    known = f"{known}\n- {fact}"
    return known, ""


with gr.Blocks() as demo:
    gr.Markdown("# Memory of the agent")
    fact = gr.Textbox(placeholder="What should I know about you?", show_label=False)
    button = gr.Button("🧠 Remember")
    known = gr.Textbox(label="What I know", lines=10)
    button.click(remember, [fact, known], [known, fact])
    fact.submit(remember, [fact, known], [known, fact])

if __name__ == "__main__":
    demo.launch()
