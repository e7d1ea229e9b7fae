import time

import gradio as gr
from llm import stream, turns


def reply(message, history):
    before = turns(history)
    start = time.time()
    thought = gr.ChatMessage(
        role="assistant",
        content="",
        metadata={"title": "Thinking step by step", "id": 0, "status": "pending"},
    )
    yield thought
    for word in ("First", " this,", " then", " that."):
        thought.content += word
        yield thought
    called = gr.ChatMessage(
        role="assistant",
        content="sky(blue)",
        metadata={"title": "Calling sky", "parent_id": 0, "id": 1, "log": "one call"},
    )
    yield [thought, called]
    thought.metadata["status"] = "done"
    thought.metadata["duration"] = time.time() - start
    yield [thought, called]
    said = gr.ChatMessage(role="assistant", content="")
    for piece in stream(message, before):
        said.content += piece
        yield [thought, called, said]


demo = gr.ChatInterface(
    reply,
    title="A model that thinks",
    **({} if gr.__version__.startswith("6") else {"type": "messages"}),
)

if __name__ == "__main__":
    demo.launch()
