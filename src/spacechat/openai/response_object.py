"""The response object of the API, and the items in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

Status: TypeAlias = Literal["in_progress", "completed", "incomplete"]


class OutputText(msgspec.Struct, kw_only=True, tag="output_text"):
    """The text of the answer."""

    text: str = ""
    annotations: tuple[()] = ()
    logprobs: tuple[()] = ()


class SummaryText(msgspec.Struct, kw_only=True, tag="summary_text"):
    """The text of thoughts."""

    text: str = ""


Part: TypeAlias = OutputText | SummaryText


class OutputMessage(msgspec.Struct, kw_only=True, tag="message"):
    """The answer; `files` are not part of the API."""

    id: str
    status: Status = "in_progress"
    role: Literal["assistant"] = "assistant"
    content: list[OutputText] = msgspec.field(default_factory=list[OutputText])
    files: list[dict[str, str]] | UnsetType = UNSET

    def close(self, text: str, status: Status) -> None:
        """Set the text and the status."""
        self.content = [OutputText(text=text)]
        self.status = status


class ReasoningItem(msgspec.Struct, kw_only=True, tag="reasoning"):
    """Thoughts, each under its title; programs show their summary."""

    id: str
    status: Status = "in_progress"
    summary: list[SummaryText] = msgspec.field(default_factory=list[SummaryText])

    def close(self, text: str, status: Status) -> None:
        """Set the text and the status."""
        self.summary = [SummaryText(text=text)] if text else []
        self.status = status


class InputText(msgspec.Struct, kw_only=True, tag="input_text"):
    """The text of a message to the model."""

    text: str


class InputMessage(msgspec.Struct, kw_only=True, tag="message"):
    """A message to the model."""

    id: str
    role: str
    status: Literal["completed"] = "completed"
    content: list[InputText]


Item: TypeAlias = OutputMessage | ReasoningItem


class _InputDetails(msgspec.Struct):
    cached_tokens: int = 0
    cache_write_tokens: int = 0


class _OutputDetails(msgspec.Struct):
    reasoning_tokens: int = 0


class Usage(msgspec.Struct):
    """Counts of tokens: a Space sends none, and zeros can't be mistaken for real ones."""

    input_tokens: int = 0
    input_tokens_details: _InputDetails = msgspec.field(default_factory=_InputDetails)
    output_tokens: int = 0
    output_tokens_details: _OutputDetails = msgspec.field(default_factory=_OutputDetails)
    total_tokens: int = 0


FailureCode: TypeAlias = Literal["invalid_prompt", "rate_limit_exceeded", "server_error"]


class Failure(msgspec.Struct, kw_only=True):
    """Why a response has failed."""

    code: FailureCode
    message: str
    type: str
    param: str | None


class _Format(msgspec.Struct, tag="text"):
    pass


class _TextSettings(msgspec.Struct):
    format: _Format = msgspec.field(default_factory=_Format)


class ResponseObject(msgspec.Struct, kw_only=True):
    """A response: what was asked for, and the answer as far as it has come.

    `ignored` (what had no effect) and `clamped` (settings that the app takes less far) are not part
    of the API.
    """

    id: str
    object: Literal["response"] = "response"
    created_at: int
    status: Literal["completed", "failed", "in_progress"] = "in_progress"
    completed_at: int | None = None
    background: Literal[False] = False
    error: Failure | None = None
    incomplete_details: None = None
    instructions: str | None
    metadata: Mapping[str, str]
    model: str
    output: list[Item] = msgspec.field(default_factory=list)
    parallel_tool_calls: Literal[True] = True
    previous_response_id: str | None
    text: _TextSettings = msgspec.field(default_factory=_TextSettings)
    tool_choice: Literal["auto"] = "auto"
    tools: tuple[()] = ()
    usage: Usage | None = None
    ignored: Sequence[str] | UnsetType = UNSET
    clamped: Mapping[str, float] | UnsetType = UNSET
