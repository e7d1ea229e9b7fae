import gradio as gr
from llm import stream

kind = {} if gr.__version__.startswith("6") else {"type": "messages"}


def interact_with_agent(prompt, messages):
    answered = list(messages)
    messages.append(gr.ChatMessage(role="user", content=prompt))
    yield messages
    messages.append(
        gr.ChatMessage(
            role="assistant", content="I will look it up.", metadata={"title": "🧠 Plan"}
        )
    )
    yield messages
    messages.append(
        gr.ChatMessage(
            role="assistant",
            content='search("' + prompt + '")\n[1] result',
            metadata={"title": "🛠️ Used tool search"},
        )
    )
    yield messages
    messages.append(gr.ChatMessage(role="assistant", content=""))
    for piece in stream(prompt, answered, "brackets"):
        messages[-1].content += piece
        yield messages


with gr.Blocks() as demo:
    stored_messages = gr.State([])
    chatbot = gr.Chatbot(label="Agent", **kind)
    text_input = gr.Textbox(lines=1, label="Chat Message")
    text_input.submit(
        lambda s: (s, ""), [text_input], [stored_messages, text_input], queue=False
    ).then(interact_with_agent, [stored_messages, chatbot], [chatbot])

if __name__ == "__main__":
    demo.launch()
