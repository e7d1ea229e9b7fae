from fastapi.responses import HTMLResponse
from gradio import Server
from llm import stream

server = Server()


@server.api(name="chat")
def chat(message: str, history: list[dict], temperature: float = 0.5) -> str:
    text = ""
    for piece in stream(message, history, temperature=temperature):
        text += piece
        yield text


@server.api(name="delete_account")
def delete_account(name: str) -> str:
    return f"{name} is gone"


@server.get("/")
def page():
    return HTMLResponse("<h1>A page of its own</h1>")


if __name__ == "__main__":
    server.launch()
