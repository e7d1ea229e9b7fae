import gradio as gr
from llm import stream, turns


def hear(box: gr.Textbox, chat):
    return "", [*chat, {"role": "user", "content": box.value}]


def say(chat, length: gr.Slider, style: gr.Dropdown):
    *before, asked = chat
    question = asked["content"][0]["text"]
    told = {"length": f"{length.value} of {length.maximum}", "style": style.choices[1][0]}
    text = ""
    for piece in stream(question, turns(before), **told):
        text += piece
        yield [*chat, {"role": "assistant", "content": text}]


with gr.Blocks() as demo:
    chat = gr.Chatbot()
    box = gr.Textbox(label="Message")
    length = gr.Slider(0, 100, value=40, step=1, label="Length")
    style = gr.Dropdown(["plain", "rich"], label="Style")
    box.submit(hear, [box, chat], [box, chat], api_name=False).then(
        say, [chat, length, style], chat, api_visibility="private", api_name="write"
    )

if __name__ == "__main__":
    demo.launch()
