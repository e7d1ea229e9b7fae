"""A real Gradio app, for the Python of an environment that has Gradio: it prints its address."""

import sys
import time
from collections.abc import Iterator

import gradio as gr  # type: ignore[import-not-found]

WORDS = ("Par", "is", " is", " the", " capital", " of", " France", ".")


def chat(message: str, history: list[object]) -> Iterator[str]:
    """Answers in pieces."""
    text = ""
    for word in WORDS:
        text += word
        yield text
        time.sleep(0.02)


_, url, _ = gr.ChatInterface(chat).launch(
    prevent_thread_lock=True, quiet=True, server_name="127.0.0.1"
)
print(url, flush=True)
sys.stdin.read()
