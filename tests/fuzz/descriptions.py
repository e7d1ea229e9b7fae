"""What must hold for an app, whatever its description says: mode `descriptions` of the fuzzer."""

from __future__ import annotations

import keyword
import zlib
from collections.abc import Iterator
from typing import Final

import msgspec

from spacechat.apps import App, Component, Page, Way, find_way, inspect, parse_config
from spacechat.apps.app_view import AppView
from spacechat.apps.arguments import Arguments
from spacechat.apps.ask import Asked, ask_app
from spacechat.apps.call import Call, SessionPage, call_function, describe_app
from spacechat.apps.config import parse_identity
from spacechat.apps.endpoint_reader import EndpointReader
from spacechat.apps.hub_search import ListedSpace
from spacechat.apps.info import Info, parse_info
from spacechat.apps.inputs import describe, find_inputs, names, parameter_names
from spacechat.apps.known import Apps
from spacechat.apps.look import REQUESTS, look_at
from spacechat.apps.options import NO_OPTIONS, Options
from spacechat.apps.place import Place
from spacechat.errors import ChatNotFoundError, InputsError, ProtocolError
from spacechat.messages import Conversation, Messages
from tests.fuzz import described
from tests.fuzz.bounds import bounded, check_brief
from tests.fuzz.described import Described, Maker
from tests.fuzz.driven import ORIGIN, Server

inputs = described.inputs
TOKENS: Final = (
    *(f'"{name}":' for name in (*described.NAMES, "components", "dependencies", "layout", "props")),
    *(f'"{kind}"' for kind in described.KINDS),
    *('"inputs":[', '"outputs":[', '"targets":[[', '"trigger_after":', '"children":[', '"id":'),
)
ASKED: Final = (NO_OPTIONS, Options(inputs={"Ask": 1, "1": "a"}), Options(wishes={"max_tokens": 9}))
QUESTION: Messages = [{"role": "user", "content": "Hi"}]
TALK: Messages = [
    {"role": "system", "content": "Be kind."},
    *QUESTION,
    {"role": "assistant", "content": "Hello!"},
    {"role": "user", "content": "Why?"},
]


def check_input(data: bytes) -> None:
    """Check everything for one input of the fuzzer: every second is read, or asked."""
    case = described.parse(data)
    if zlib.crc32(data) % 2:
        run(case)
    else:
        check(case)


def shown(data: bytes) -> Iterator[str]:
    """Yield what an input stands for, line by line."""
    case = described.parse(data)
    yield f"/config: {case.config[:2000]!r}"
    yield f"/info: {case.info[:1000]!r}"


def check(case: Described) -> None:
    """Check what must hold for a description."""
    with bounded(lambda: read(case.config, case.info), lambda: len(case.config) + len(case.info)):
        read(case.config, case.info)


def read(config: bytes, said: bytes) -> None:
    """Read a description in every way."""
    info = parse_info(said)
    try:
        app = parse_config(config)
    except ProtocolError as exc:
        check_brief(exc)
        return
    assert parse_identity(config) == app.identity
    assert app.api_prefix == "" or app.api_prefix.startswith("/")
    _check_endpoints(app, info)
    parameters = parameter_names(app, info)
    for component in app.components.values():
        assert describe(component)
        assert "" not in names(component, parameters)
    way = _way(app)
    _check_inspection(app, parameters, way)
    for each in (way, *(_way(app, endpoint) for endpoint in list(app.functions)[:2])):
        if each is not None:
            _check_way(app, each)


def _way(app: App, endpoint: int | None = None) -> Way | None:
    try:
        return find_way(app, endpoint=endpoint)
    except (ChatNotFoundError, ProtocolError) as exc:
        check_brief(exc)
        return None


def _check_endpoints(app: App, info: Info) -> None:
    """Check that every function has a name, and parameters that Python takes."""
    endpoints = list(EndpointReader(app, info).all())
    for endpoint in endpoints:
        called = [each.name for each in endpoint.parameters]
        assert len({*called}) == len(called)
        assert all(each.isidentifier() and not keyword.iskeyword(each) for each in called)
        assert str(endpoint.signature)
        msgspec.json.encode(endpoint.to_dict())
        function, again = EndpointReader(app, info).find(endpoint.id)
        assert function.id == again.id == endpoint.id
        assert again.parameters == endpoint.parameters
    view = AppView(ORIGIN, app.version, {each.key: each for each in endpoints})
    assert str(view)
    assert view._repr_html_()


def _check_way(app: App, way: Way) -> None:
    """Check that a way to chat is one of the app: a box, functions and an answer that are there."""
    assert way.message.takes_text or way.message.could_take_text
    assert app.components[way.answer.id] is way.answer
    chain = [each.id for each in way.chain()]
    assert len({*chain}) == len(chain)
    assert app.functions.keys() >= {*chain}
    assert way.first
    assert str(way)
    page = Page(app)
    for function in way.chain():
        try:
            values = page.inputs(function)
        except ProtocolError:  # A value is too large to be kept.
            continue
        assert len(values) == len(function.inputs)
        msgspec.json.encode(values)
    for component in way.inputs:
        for value in ("a", 1, True, ["a"]):
            _check_set(way, component, value)


def _check_set(way: Way, component: Component, value: object) -> None:
    """Check that an input takes a value, or that the error says what it takes."""
    try:
        found = find_inputs(way.inputs, {str(component.id): value}, {})
    except InputsError as exc:
        check_brief(exc)
    else:
        assert list(found.values()) == [value]


def _check_inspection(app: App, parameters: dict[int, str], way: Way | None) -> None:
    try:
        inspection = inspect(ORIGIN, app, parameters)
    except ProtocolError:
        assert way is None
        return
    assert inspection.is_chat == (way is not None)
    assert str(inspection)
    assert inspection._repr_html_()


def run(case: Described) -> None:
    """Run a script against the app, and check where its requests go, and how many there are."""
    more = case.more
    server = Server(case.config, case.info, more)
    kind = more.byte()
    if kind % 4 == 0:
        found = ListedSpace(
            "a/b", "", likes=0, stage="RUNNING", hardware="", private=False, host=ORIGIN
        )
        server.run(look_at(found))
        assert server.requests <= REQUESTS
    elif kind % 4 == 1:
        _call(server, more)
    else:
        _ask(server, kind)
    # Each function may be called by several events, each of them by what it fills.
    assert server.requests <= 300 + 20 * case.config.count(b"{")


def _call(server: Server, more: Maker) -> None:
    """Call functions in one session."""
    place, apps, session = Place(ORIGIN, {}), Apps(), SessionPage()
    found = server.run(describe_app(place, apps))
    assert server.requests <= 3
    for endpoint in () if found is None else found[1][:3]:
        arguments = Arguments(*[more.anything(2) for _ in range(more.byte() % 3)]).open()
        before = server.requests
        call = Call([place], apps, endpoint.id, arguments, session=session)
        server.run(call_function(call, server.budget))
        assert server.requests <= before + 2


def _ask(server: Server, kind: int) -> None:
    """Ask the app, with a history or without one."""
    conversation = Conversation(session_hash="", messages=[*(TALK if kind & 8 else QUESTION)])
    asked = Asked(
        Place(ORIGIN, {}),
        Apps(),
        ASKED[kind % 3],
        conversation,
        conversation.messages,
        ["http://x/a.png"] if kind & 16 else [],
    )
    server.run(ask_app(asked, server.budget))
