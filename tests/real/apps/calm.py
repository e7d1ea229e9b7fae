# mypy: ignore-errors
"""Lets dozens of Gradio apps run in one process, on a small and busy machine, once imported."""

import os

import gradio.networking
import gradio.oauth
from gradio.queueing import Queue

# Gradio 6 looks into the queue of each app a thousand times a second, which for all of them takes a
# core; earlier ones do so 20 times.
Queue.sleep_when_free = property(lambda queue: 0.02, lambda queue, seconds: None)

# Gradio asks whether its server can be reached, for three seconds, which a busy machine may need.
# Before that it has asked it something else, without a limit.
gradio.networking.url_ok = lambda url: True

# Gradio asks the Hub who is logged in on this machine, for an app with a button to sign in with.
os.environ["HF_TOKEN"] = "hf_of_this_machine"
gradio.oauth.whoami = lambda: {"type": "user", "fullname": "Ada", "name": "ada", "avatarUrl": ""}
