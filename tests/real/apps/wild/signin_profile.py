import gradio as gr
from llm import answer


def respond(message, history, profile: gr.OAuthProfile):
    return answer(message, history, name=profile.name)


with gr.Blocks() as demo:
    gr.LoginButton()
    gr.ChatInterface(respond)

if __name__ == "__main__":
    demo.launch()
