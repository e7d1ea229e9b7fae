import gradio as gr
from llm import answer

GREETING = [[None, "You can talk to me now"]]


def upload(image, chatbot, session):
    session["ctx"] = []
    return GREETING, session


def respond(question, chatbot, session, decode, beams, top_p):
    text = answer(question, session["ctx"], "emoji", decode=decode)
    session["ctx"] = [*session["ctx"], (question, text)]
    return "", [*chatbot, (question, text)], session


def regenerate(question, chatbot, session, *settings):
    if len(chatbot) <= 1:
        return "", chatbot, session
    session["ctx"] = session["ctx"][:-1]
    return respond(chatbot[-1][0], chatbot[:-1], session, *settings)


with gr.Blocks() as demo:
    gr.Markdown("# A tiny model that sees")
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            decode = gr.Radio(["Beam Search", "Sampling"], value="Sampling", label="Decode Type")
            with gr.Accordion("Beam Search"):
                beams = gr.Slider(0, 5, value=3, step=1, label="Num Beams")
            with gr.Accordion("Sampling"):
                top_p = gr.Slider(0, 1, value=0.8, step=0.05, label="Top P")
            regen = gr.Button("Regenerate")
        with gr.Column(scale=3, min_width=500):
            session = gr.State({"sts": None, "ctx": [], "img": None})
            picture = gr.Image(label="Upload an image to start")
            chatbot = gr.Chatbot(label="Chat with Tiny-V", value=GREETING)
            message = gr.Textbox(label="Input text")
            message.submit(
                respond,
                [message, chatbot, session, decode, beams, top_p],
                [message, chatbot, session],
            )
            regen.click(
                regenerate,
                [message, chatbot, session, decode, beams, top_p],
                [message, chatbot, session],
            )
            picture.upload(upload, [picture, chatbot, session], [chatbot, session])

if __name__ == "__main__":
    demo.launch(share=False)
