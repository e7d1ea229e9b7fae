"""What must hold for a function's arguments, whatever a caller gives: mode `arguments`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from spacechat.apps import App, Page, parse_config
from spacechat.apps.app import Function
from spacechat.apps.arguments import Arguments, OpenArguments
from spacechat.apps.call import Call, call_function
from spacechat.apps.endpoint_reader import EndpointReader
from spacechat.apps.endpoints import Endpoint
from spacechat.apps.info import Info, parse_info
from spacechat.apps.known import Apps
from spacechat.apps.place import Place
from spacechat.apps.typed_words import takes_text, value
from spacechat.errors import InputsError, ProtocolError
from spacechat.protocol import Budget
from tests.fuzz.bounds import check_brief
from tests.fuzz.described import encoded
from tests.fuzz.driven import ORIGIN, Server
from tests.fuzz.given import Giver

TOKENS: Final = ("\x00\x00", "\x01\x01\x00", "\x7f\x40")


def check_input(data: bytes) -> None:
    """Check everything for one input of the fuzzer."""
    codes, config, said = _parse(data)
    try:
        app = parse_config(config)
    except ProtocolError:
        return
    info = parse_info(said)
    for function in list(app.functions.values())[:2]:
        if function.visibility != "private":
            _check(codes, app, info, function)
    if zlib.crc32(data) % 8 == 0:
        _check_call(Server(config, said, codes), app, codes)


def shown(data: bytes) -> Iterator[str]:
    """Yield what an input stands for, line by line."""
    codes, config, said = _parse(data)
    yield f"/config: {config[:2000]!r}"
    yield f"/info: {said[:1000]!r}"
    yield f"then, if the function has no parameters: {codes.arguments([])!r:.2000}"


def _parse(data: bytes) -> tuple[Giver, bytes, bytes]:
    codes = Giver(data)
    settings = codes.byte()
    page = codes.page(settings)
    return codes, encoded(page), encoded(codes.info() if settings & 32 else None)


def _check(codes: Giver, app: App, info: Info, function: Function) -> None:
    """Check the arguments of a function, and words for each of its parameters."""
    endpoint = EndpointReader(app, info).endpoint(function)
    names = [each.name for each in endpoint.parameters]
    given = codes.arguments(names)
    sent = _sent(given, app, function, endpoint)
    if sent is not None:
        assert len(sent) == len(function.inputs)
        _check_by_name(given, names, app, function, endpoint, sent)
    for parameter in endpoint.parameters[:2]:
        word = codes.word()
        try:
            found = value(word, parameter)
        except InputsError as exc:
            check_brief(exc)
        else:
            assert not takes_text(parameter.type) or found == word


def _sent(
    given: Arguments, app: App, function: Function, endpoint: Endpoint
) -> list[object] | None:
    """Return what is sent for arguments, or None if they are refused."""
    try:
        opened = given.open()
        assert len(opened.values) == len(given.by_position) + len(given.by_name)
        make = opened.inputs(Page(app), function, endpoint, ORIGIN)
        files = [f"file {index}" for index, _ in enumerate(opened.files)]
        sent = make(files)
        Budget().check_request(sent)
    except InputsError as exc:
        check_brief(exc)
        return None
    except ProtocolError:  # The page holds a value that is too large to be kept.
        return None
    encoded_once = msgspec.json.encode(sent)
    assert msgspec.json.encode(make(files)) == encoded_once
    assert all(encoded_once.count(f'"{each}"'.encode()) <= len(function.inputs) for each in files)
    _check_plain(opened, given, endpoint, sent)
    return sent


def _check_plain(
    opened: OpenArguments, given: Arguments, endpoint: Endpoint, sent: list[object]
) -> None:
    """Check that numbers and texts are sent as they were given."""
    counts = {len(given.by_position), len(endpoint.parameters), len(sent)}
    if not opened.files and len(counts) == 1:
        for one, other in zip(given.by_position, sent, strict=True):
            if type(one) in (int, bool, str, type(None)):
                assert one == other
                assert type(one) is type(other)


def _check_by_name(
    given: Arguments,
    names: list[str],
    app: App,
    function: Function,
    endpoint: Endpoint,
    sent: list[Any],
) -> None:
    """Check that arguments by name are sent as the same ones by position."""
    if given.by_name or len({*function.inputs}) < len(function.inputs) or given.open().files:
        return
    named = dict(zip(names, given.by_position, strict=False))
    again = _sent(Arguments(**named), app, function, endpoint)
    assert msgspec.json.encode(again) == msgspec.json.encode(sent)


def _check_call(server: Server, app: App, codes: Giver) -> None:
    """Check that no function runs whose arguments are refused, and where the requests go."""
    if not app.functions:
        return
    name = codes.one(list(app.functions))
    given = codes.arguments([])
    try:
        arguments = given.open()
    except InputsError:
        return
    call = Call([Place(ORIGIN, {})], Apps(), name, arguments)
    values = server.run(call_function(call, server.budget))
    assert values is None or isinstance(values, tuple)
    assert server.ran <= 1
    assert server.requests <= 5 + len(arguments.files)
    if isinstance(server.error, InputsError):
        assert server.ran == 0


def inputs() -> list[bytes]:
    """Return inputs to start from: small pages, with arguments of every kind."""
    page = [0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 2, 1, 1, 1, 2, 0, 0]
    return [
        bytes([settings, *page, *([0] * (settings >> 4)), count, *([code, kind] * 4)])
        for settings in (0, 33)
        for count in (1, 5)
        for code in range(16)
        for kind in range(0, 32, 4)
    ]
