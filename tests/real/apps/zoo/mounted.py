import gradio as gr
import uvicorn
from fastapi import FastAPI
from llm import stream

app = FastAPI()


@app.get("/")
def home():
    return {"message": "The chat is at /chat/app"}


def predict(message, history):
    text = ""
    for piece in stream(message, history, "words"):
        text += piece
        yield text


demo = gr.ChatInterface(predict)
app = gr.mount_gradio_app(app, demo, path="/chat/app")

if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8000)
