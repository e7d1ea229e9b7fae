import gradio as gr
from llm import stream

system_default = "Be brief."


def chat(user_input, history, state):
    state = [*state, {"role": "user", "content": user_input}]
    reply = ""
    for piece in stream(user_input, state[1:-1], "code", system=state[0]["content"]):
        reply += piece
        yield "", [*(history or []), (user_input, reply)], state
    state = [*state, {"role": "assistant", "content": reply}]
    yield "", [*(history or []), (user_input, reply)], state


def reset():
    return [], [{"role": "system", "content": system_default}]


with gr.Blocks() as demo:
    state = gr.State([{"role": "system", "content": system_default}])
    chatbot = gr.Chatbot()
    with gr.Row():
        txt = gr.Textbox(show_label=False, placeholder="Enter text and press enter")
        btn = gr.Button("Submit")
    clear = gr.Button("Reset")
    txt.submit(chat, [txt, chatbot, state], [txt, chatbot, state])
    btn.click(chat, [txt, chatbot, state], [txt, chatbot, state])
    clear.click(reset, None, [chatbot, state])

if __name__ == "__main__":
    demo.queue().launch()
