# mypy: ignore-errors
"""Lets dozens of Gradio apps run in one process, on a small and busy machine, once imported."""

import gradio.networking
from gradio.queueing import Queue

# Gradio 6 looks into the queue of each app a thousand times a second, which for all of them takes a
# core; earlier ones do so 20 times.
Queue.sleep_when_free = property(lambda queue: 0.02, lambda queue, seconds: None)

# Gradio asks whether its server can be reached, for three seconds, which a busy machine may need.
# Before that it has asked it something else, without a limit.
gradio.networking.url_ok = lambda url: True
