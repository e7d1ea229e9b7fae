import gradio as gr
from llm import stream

KIND = {} if gr.__version__.startswith("6") else {"type": "messages"}
NESTED = not gr.__version__.startswith("4")


class Client:
    def connect(self, path):
        return f"Connected to {path}. Tools: paint"

    def process_message(self, message, history, memory):
        shown = [*history, {"role": "user", "content": message}]
        first = {"title": "🛠️ Using tool: paint", "id": "call_0", "status": "pending"}
        more = {"title": "📥 Raw result", "parent_id": "call_0", "id": "raw_0", "status": "done"}
        shown.append({"role": "assistant", "content": '```json\n{"n": 1}\n```', "metadata": first})
        yield shown, gr.Textbox(value=""), memory
        if NESTED:
            shown[-1]["metadata"] = {**first, "status": "done", "duration": 0.5}
        shown.append({"role": "assistant", "content": "a cat", "metadata": more})
        yield shown, gr.Textbox(value=""), memory
        shown.append({"role": "assistant", "content": "Here is what I found:"})
        shown.append({"role": "assistant", "content": ""})
        for piece in stream(message, memory):
            shown[-1]["content"] += piece
            yield shown, gr.Textbox(value=""), memory
        memory = [*memory, (message, shown[-1]["content"])]
        yield shown, gr.Textbox(value=""), memory


client = Client()

with gr.Blocks(title="A client of MCP") as demo:
    gr.Markdown("# Assistant\nConnect to your server and chat with the assistant")
    memory = gr.State([])
    with gr.Row(equal_height=True):
        with gr.Column(scale=4):
            path = gr.Textbox(
                label="Server Script Path", placeholder="Enter path to server script", value="s.py"
            )
        with gr.Column(scale=1):
            connect = gr.Button("Connect")
    status = gr.Textbox(label="Connection Status", interactive=False)
    chatbot = gr.Chatbot(value=[], height=500, **KIND)
    with gr.Row(equal_height=True):
        box = gr.Textbox(label="Your Question", placeholder="Ask about anything", scale=4)
        clear = gr.Button("Clear Chat", scale=1)
    connect.click(client.connect, inputs=path, outputs=status)
    box.submit(client.process_message, [box, chatbot, memory], [chatbot, box, memory])
    clear.click(list, None, chatbot)

if __name__ == "__main__":
    demo.launch()
