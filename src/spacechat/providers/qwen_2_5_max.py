"""Qwen 2.5 Max."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .base import AsyncProvider
from .question import Question


class Qwen_Qwen_2_5_Max(AsyncProvider):
    """Qwen 2.5 Max, on its public demo Space."""

    label = "Qwen Qwen-2.5-Max"
    title = "Qwen2.5-Max"
    url = "https://qwen-qwen2-5-max-demo.hf.space"
    default_model = "qwen-qwen2-5-max"
    model_aliases: ClassVar[Mapping[str, str]] = {"qwen-2-5-max": default_model}

    join_path = "/gradio_api/queue/join?"
    events_path = "/gradio_api/queue/data"
    cancel_path = "/gradio_api/cancel"
    fn_index = 0
    trigger_id = 11
    output: ClassVar[int | None] = 1
    system_default = "You are a helpful assistant."

    @classmethod
    def data(cls, question: Question) -> list[object]:
        return [question.prompt, question.pairs, question.system]
