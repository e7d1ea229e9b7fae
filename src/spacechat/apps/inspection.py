"""An app's inspection: how it would be chatted with, and why, for people to read.

As a text, it begins with what a person wants to know first, in their words, and ends with what few
want to know. A component has its number in it, by which `inputs=` and `output=` take it, too.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from .. import markup
from .app import App, Function
from .choice import Ways, find_ways
from .components import Component
from .endpoint_reader import choices_of, parameter_type
from .info import ValueInfo
from .inputs import describe, find_inputs, names
from .plain_words import candidate, distinct, sign_in, summary
from .value_types import FILE

_OTHERS = 5
"""Ways that were not taken and are listed."""
_SHOWN = 30
"""Inputs and outputs of a function that its line lists."""
_LONGEST = 60
"""Characters of a setting's value that its line shows."""
_SETTINGS = "Settings, as in inputs={name: value}"
_STEPS, _REASONS = "Step by step", "Why"
_INTERNALS = (_STEPS, _REASONS)
"""Headings of what few want to know."""
_WIDTH = 80
"""Characters of a line of the text."""


@dataclass(frozen=True)
class InputInfo:
    """An input that can be set with `inputs=`.

    Attributes:
        name: Its name there.
        type: The component's type, such as `slider`.
        takes: Which values it takes, in words.
        default: Its value if it is not set.
        value_type: The type of its value, in Python's words.
        choices: The values that it takes; empty if they aren't limited.
        other_names: Its other names.
    """

    name: str
    type: str
    takes: str
    default: object
    value_type: str = "Any"
    choices: Sequence[object] = ()
    other_names: Sequence[str] = ()


@dataclass(frozen=True)
class EndpointInfo:
    """A function of the app.

    Attributes:
        id: Its number.
        name: Its name for programs, or None.
        inputs: Its inputs.
        outputs: Its outputs.
    """

    id: int
    name: str | None
    inputs: Sequence[str]
    outputs: Sequence[str]

    @property
    def key(self) -> str:
        """Its name, or else its number, as `endpoint=` takes it."""
        return f"/{self.name}" if self.name else str(self.id)

    def __str__(self) -> str:
        return f"{_joined(self.inputs)} → {_joined(self.outputs)}"


@dataclass(frozen=True)
class Inspection:
    """An app as an inspection sees it; as a string, a text for people.

    Attributes:
        url: The app's address.
        version: The version of Gradio.
        protocol: The protocol of its streams.
        is_chat: Whether a way to chat was found.
        message: The component that takes the message.
        answer: The component that shows the answer.
        system: The component for the system text, or None if that becomes part of the message.
        chain: The functions that are called, in order.
        reasons: Why this way was taken.
        others: The next best ways: what each would do, how it is chosen, what is against it.
        inputs: The other inputs that can be set.
        endpoints: Every function that can be called directly.
        problem: Why no way was taken, or None.
        summary: Sentences that say how one chats with the app, or why not.
        takes_files: Whether files can go with a message.
    """

    url: str
    version: str
    protocol: str
    is_chat: bool
    message: str | None
    answer: str | None
    system: str | None
    chain: Sequence[str]
    reasons: Sequence[str]
    others: Sequence[str]
    inputs: Sequence[InputInfo]
    endpoints: Sequence[EndpointInfo]
    problem: str | None = None
    summary: Sequence[str] = ()
    takes_files: bool = False

    def __str__(self) -> str:
        return "\n".join([*self.lines(), *self._lines("Endpoints", self._endpoints(), _WIDTH)])

    def lines(
        self,
        width: int = _WIDTH,
        worded: Callable[[str], str] = str,
        *,
        shown: Callable[[object], str] = repr,
        is_brief: bool = False,
    ) -> list[str]:
        """Return the lines of the text, but for the endpoints.

        Args:
            width: The most characters of a line.
            worded: Puts a text that names arguments of `ask` into other words.
            shown: Returns the text of a setting's value.
            is_brief: Whether the steps of a question, and the reasons for them, are left out.
        """
        lines = [f"{self.url} (Gradio {self.version}, {self.protocol})"]
        for heading, texts in self._sections(shown):
            if not (is_brief and heading in _INTERNALS):
                lines += self._lines(worded(heading), [worded(each) for each in texts], width)
        return lines

    def _lines(self, heading: str, texts: Sequence[str], width: int) -> list[str]:
        if not texts:
            return []
        indent = "  " if heading else ""
        lines = [line for text in texts for line in wrapped(text, width, indent)]
        return ["", *([heading] if heading else []), *lines]

    def _repr_html_(self) -> str:
        rows = [("App", f"{self.url} (Gradio {self.version}, {self.protocol})")]
        for heading, texts in [*self._sections(), ("Endpoints", self._endpoints())]:
            rows += [(heading if index == 0 else "", text) for index, text in enumerate(texts)]
        return markup.table(rows)

    def _sections(self, shown: Callable[[object], str] = repr) -> list[tuple[str, Sequence[str]]]:
        """The parts of the text, each with its heading; the most important first."""
        return [
            ("", self.summary),
            (_SETTINGS, [_setting(each, shown) for each in self.inputs]),
            (_STEPS, self._steps()),
            (_REASONS, self.reasons),
            ("Not taken, but to be had" if self.is_chat else "To choose from", self.others),
        ]

    def _endpoints(self) -> list[str]:
        return [f"{each.key}: {each}" for each in self.endpoints]

    def _steps(self) -> list[str]:
        if not self.is_chat:
            return []
        system = [] if self.system is None else [f"the system text goes into {self.system}"]
        return [
            f"the message goes into {self.message}",
            *system,
            *self.chain,
            f"the answer is read from {self.answer}",
        ]


def _setting(each: InputInfo, shown: Callable[[object], str]) -> str:
    return f"{each.name!r} = {_shortened(shown(each.default))}: {each.takes}"


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return the lines of a text, broken between words.

    Args:
        text: The text.
        width: The most characters of a line.
        indent: What the first line begins with; the others begin with as many spaces, and four.
    """
    return textwrap.wrap(
        " ".join(text.split()),
        width,
        initial_indent=indent,
        subsequent_indent=indent and f"{' ' * len(indent)}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _joined(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(names[:_SHOWN]) + rest) or "nothing"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def inspect(
    url: str,
    app: App,
    parameters: Mapping[int, str],
    *,
    endpoint: str | int | None = None,
    output: str | int | None = None,
    inputs: Mapping[str, object] | None = None,
) -> Inspection:
    """Return the inspection of an app.

    Args:
        url: The app's address.
        app: The app.
        parameters: The parameters' names, by the ids of their components.
        endpoint: A function that must be part of the way to chat, or None.
        output: The label or id of the component that shows the answer, or None.
        inputs: Values of other inputs, which are checked; see `ChatOptions`.

    Raises:
        ChatNotFoundError: There is no such endpoint.
        InputsError: There is no such input, or it doesn't take its value.
        ProtocolError: The app is too large.
    """
    ways = find_ways(app, endpoint=endpoint, output=output)
    way = ways.best
    find_inputs([] if way is None else way.inputs, inputs or {}, parameters)
    named = {id_: str(component) for id_, component in app.components.items()}

    def names_of(ids: Sequence[int]) -> list[str]:
        return [named[id_] for id_ in ids if id_ in named]

    def called(function: Function) -> str:
        how = "queued" if app.is_queued(function) else "at once"
        inputs, outputs = names_of(function.inputs), names_of(function.outputs)
        return f"{function} ({how}): {_joined(inputs)} → {_joined(outputs)}"

    others = islice(distinct(ways.all, way), _OTHERS)
    return Inspection(
        url=url,
        version=app.version,
        protocol=app.protocol,
        is_chat=way is not None,
        message=None if way is None else str(way.message),
        answer=None if way is None else str(way.answer),
        system=None if way is None or way.system is None else str(way.system),
        chain=[] if way is None else [called(each) for each in way.chain()],
        reasons=[] if way is None else way.reasons,
        others=[candidate(each, way) for each in others],
        inputs=[] if way is None else [_input(each, parameters) for each in way.inputs],
        endpoints=[
            EndpointInfo(each.id, each.api_name, names_of(each.inputs), names_of(each.outputs))
            for each in app.endpoints()
        ],
        problem=ways.problem,
        summary=_summary(app, ways),
        takes_files=way is not None and way.takes_files,
    )


def _summary(app: App, ways: Ways) -> list[str]:
    if ways.best is not None:
        return list(summary(ways.best, ways.all))
    problem = ways.problem or ""
    if problem.startswith("No way"):
        return ["No way to chat was found.", *sign_in(app)]
    return [
        "There are several ways to chat that do different things, and none stands out, so nothing "
        "would be sent. Choose one by endpoint= and output=.",
        *sign_in(app),
    ]


def _input(component: Component, parameters: Mapping[int, str]) -> InputInfo:
    name, *others = dict.fromkeys(names(component, parameters))
    choices, all_choices = choices_of(component)
    return InputInfo(
        name,
        component.type,
        describe(component),
        f"{component.left_out} bytes" if component.left_out else component.value,
        _value_type(component, all_choices),
        choices,
        others,
    )


def _value_type(component: Component, choices: str | None) -> str:
    if component.picks_files:
        return f"list[{FILE}]" if component.holds_several_files else FILE
    return parameter_type(component, choices, ValueInfo())
