"""Tests against real Gradio servers, each in an environment of its own."""
