"""Apps of Gradio's own components."""

from __future__ import annotations

from tests.real.wild.app import ALL, WildApp

APPS = (WildApp("respond_and_clear", ALL, "one function empties the box and fills the chatbot"),)
