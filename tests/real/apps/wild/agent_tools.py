import asyncio

import gradio as gr
from llm import stream, turns

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


async def steps(prompt, history):
    for tool in ("calendar", "weather"):
        await asyncio.sleep(0)
        yield "step", tool, f"{tool}({prompt!r})"
    for piece in stream(prompt, history, "brackets"):
        yield "output", "", piece


async def interact(prompt, messages):
    history = turns(messages)
    messages.append(gr.ChatMessage(role="user", content=prompt))
    yield messages
    last = ""
    async for kind, tool, text in steps(prompt, history):
        if kind == "step":
            title = {"title": f"🛠️ Used tool {tool}"}
            messages.append(gr.ChatMessage(role="assistant", content=text, metadata=title))
        elif last == "output":
            messages[-1].content += text
        else:
            messages.append(gr.ChatMessage(role="assistant", content=text))
        last = kind
        yield messages


with gr.Blocks() as demo:
    gr.Markdown("# Talk to an agent with tools, and see its thoughts")
    chatbot = gr.Chatbot(label="Agent", **KIND)
    input_ = gr.Textbox(lines=1, label="Chat Message")
    input_.submit(interact, [input_, chatbot], [chatbot])

if __name__ == "__main__":
    demo.launch()
