"""Qwen 2 72B Instruct."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .base import AsyncProvider
from .question import Question


class Qwen_Qwen_2_72B(AsyncProvider):
    """Qwen 2 72B Instruct, on its public Space."""

    label = "Qwen Qwen-2.72B"
    title = "Qwen2 72B Instruct"
    url = "https://qwen-qwen2-72b-instruct.hf.space"
    default_model = "qwen-qwen2-72b-instruct"
    model_aliases: ClassVar[Mapping[str, str]] = {"qwen-2-72b": default_model}

    join_path = "/queue/join?"
    referer_path = "/"
    fn_index = 0
    trigger_id = 11
    output: ClassVar[int | None] = 1

    @classmethod
    def data(cls, question: Question) -> list[object]:
        return [question.prompt, question.pairs, question.system]
