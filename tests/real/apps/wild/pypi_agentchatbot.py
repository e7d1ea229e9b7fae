import gradio as gr
from gradio_agentchatbot_5 import AgentChatbot, ChatMessage, ThoughtMetadata
from llm import stream


def told(messages):
    return [each for each in messages if not each.thought_metadata.tool_name]


def respond(text, messages):
    messages = messages or []
    history = told(messages)
    messages.append(ChatMessage(role="user", content=text))
    yield messages, ""
    for tool in ("search", "code interpreter"):
        used = ThoughtMetadata(tool_name=tool)
        messages.append(ChatMessage(role="assistant", content="", thought_metadata=used))
        for piece in ("I use ", tool, " now"):
            messages[-1].content += piece
            yield messages, ""
    messages.append(ChatMessage(role="assistant", content=""))
    for piece in stream(text, history):
        messages[-1].content += piece
        yield messages, ""


with gr.Blocks() as demo:
    gr.Markdown("# Chat with an agent, and see its tools")
    chatbot = AgentChatbot(label="Agent")
    box = gr.Textbox(lines=1, label="Chat Message")
    box.submit(respond, [box, chatbot], [chatbot, box])

if __name__ == "__main__":
    demo.queue().launch()
