import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}


def respond(message, current, chats):
    chats = {**chats, current: list(chats.get(current, []))}
    shown = chats[current]
    before = list(shown)
    shown += [{"role": "user", "content": message}, {"role": "assistant", "content": ""}]
    for piece in stream(message, before, chat=current):
        shown[-1] = {"role": "assistant", "content": shown[-1]["content"] + piece}
        yield shown, "", chats, gr.Radio(choices=list(chats), value=current)


def new(chats):
    name = f"Chat {len(chats) + 1}"
    chats[name] = []
    return chats, [], gr.Radio(choices=list(chats), value=name)


def pick(current, chats):
    return chats.get(current, [])


def delete(current, chats):
    chats.pop(current, None)
    chats = chats or {"Chat 1": []}
    first = next(iter(chats))
    return chats, chats[first], gr.Radio(choices=list(chats), value=first)


def rename(name, current, chats):
    chats[name] = chats.pop(current)
    return chats, gr.Radio(choices=list(chats), value=name), ""


with gr.Blocks() as demo:
    chats = gr.State({"Chat 1": []})
    with gr.Row():
        with gr.Column(scale=1):
            add = gr.Button("➕ New chat")
            current = gr.Radio(["Chat 1"], value="Chat 1", label="Conversations")
            title = gr.Textbox(label="Chat name", placeholder="A new name")
            change = gr.Button("Rename")
            drop = gr.Button("Delete chat")
        with gr.Column(scale=4):
            chatbot = gr.Chatbot(**KIND)
            with gr.Row():
                box = gr.Textbox(show_label=False, placeholder="Type your query...", scale=5)
                send = gr.Button("Send", scale=1)
    outputs = [chatbot, box, chats, current]
    send.click(respond, [box, current, chats], outputs)
    box.submit(respond, [box, current, chats], outputs)
    add.click(new, chats, [chats, chatbot, current])
    current.select(pick, [current, chats], chatbot)
    drop.click(delete, [current, chats], [chats, chatbot, current])
    change.click(rename, [title, current, chats], [chats, current, title])
    title.submit(rename, [title, current, chats], [chats, current, title])

if __name__ == "__main__":
    demo.launch()
