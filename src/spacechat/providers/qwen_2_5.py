"""Qwen 2.5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .base import AsyncProvider
from .question import Question


class Qwen_Qwen_2_5(AsyncProvider):
    """Qwen 2.5 72B, on its public Space."""

    label = "Qwen Qwen-2.5"
    title = "Qwen2.5 72B Instruct"
    url = "https://qwen-qwen2-5.hf.space"
    default_model = "qwen-qwen2-5"
    model_aliases: ClassVar[Mapping[str, str]] = {"qwen-2.5": default_model}

    fn_index = 3
    trigger_id = 25
    output: ClassVar[int | None] = 1
    hash_length = 10
    system_default = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."

    @classmethod
    def data(cls, question: Question) -> list[object]:
        return [question.prompt, question.pairs, question.system, "72B"]
