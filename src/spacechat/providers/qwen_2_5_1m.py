"""Qwen 2.5 with a context of a million tokens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from .base import AsyncProvider
from .question import Question


class Qwen_Qwen_2_5M(AsyncProvider):
    """Qwen 2.5 1M, on its public demo Space, which remembers the session."""

    label = "Qwen Qwen-2.5M"
    title = "Qwen2.5-1M"
    url = "https://qwen-qwen2-5-1m-demo.hf.space"
    default_model = "qwen-2.5-1m-demo"
    model_aliases: ClassVar[Mapping[str, str]] = {"qwen-2.5-1m": default_model}

    takes: ClassVar[Collection[str]] = (*AsyncProvider.takes, "files")
    before_path: ClassVar[str | None] = "/run/predict?__theme=light"
    join_path = "/queue/join?__theme=light"
    referer_path = "/?__theme=light"
    fn_index = 2
    trigger_id = 5
    output: ClassVar[int | None] = 0
    keeps_session = True

    @classmethod
    def before(cls, question: Question) -> Mapping[str, object]:
        return {
            "data": [{"files": [], "text": question.prompt}, [], []],
            "event_data": None,
            "fn_index": 1,
            "trigger_id": 5,
        }

    @classmethod
    def data(cls, question: Question) -> list[object]:
        pairs = [*question.pairs, [question.prompt, None]]
        return [[[cls._entry(text) for text in pair] for pair in pairs], None, 0]

    @staticmethod
    def _entry(text: str | None) -> object:
        if text is None:
            return None
        return {
            "id": None,
            "elem_id": None,
            "elem_classes": None,
            "name": None,
            "text": text,
            "flushing": None,
            "avatar": "",
            "files": [],
        }
