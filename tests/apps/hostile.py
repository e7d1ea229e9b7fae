"""Descriptions of apps that are made to be costly, each within the bytes that one may have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def config(
    components: list[Any], dependencies: list[Any], *, version: str = "5.50.0", **more: Any
) -> bytes:
    told = {"version": version, "protocol": "sse_v3", "components": components}
    told |= {"dependencies": dependencies, **more}
    return json.dumps(told, separators=(",", ":")).encode()


def box(id_: int, **props: Any) -> dict[str, Any]:
    return {"id": id_, "type": "textbox", "props": props}


def everything(count: int) -> bytes:
    """Each of many events takes all and fills all."""
    ids = list(range(2 * count))
    targets = [[id_, "click"] for id_ in range(count)]
    function = {"targets": targets, "inputs": ids[:count], "outputs": ids[count:]}
    return config([box(id_) for id_ in ids], [function])


def long_chain(count: int) -> bytes:
    """Each function takes what the one after it gives."""
    chain: list[Any] = [{"targets": [[0, "submit"]], "inputs": [0, 2], "outputs": [1]}]
    chain += [
        {"inputs": [each + 2], "outputs": [each + 1], "trigger_after": each - 1}
        for each in range(1, count)
    ]
    return config([box(id_) for id_ in range(count + 2)], chain)


def shared_chain(count: int) -> bytes:
    """Each event calls a function of its own, and one that a long chain follows."""
    functions: list[Any] = [
        {"id": 0, "targets": [[id_, "click"] for id_ in range(count)], "inputs": [0]}
    ]
    functions += [
        {"id": each, "inputs": [each], "outputs": [0], "trigger_after": each - 1}
        for each in range(1, count)
    ]
    functions += [
        {"id": count + each, "targets": [[each, "click"]], "inputs": [each]}
        for each in range(count)
    ]
    return config([box(id_) for id_ in range(count)], functions)


def follow_each_other(count: int) -> bytes:
    """Each function follows the next one and is called by an event; the last follows the first."""
    functions = [
        {
            "id": each,
            "targets": [[1, "submit"], [2, "change"]],
            "inputs": [1],
            "outputs": [2],
            "trigger_after": (each + 1) % count,
        }
        for each in range(count)
    ]
    return config([box(1), {"id": 2, "type": "chatbot", "props": {}}], functions)


def in_each_other(count: int) -> bytes:
    """Each component is in each of the places that stand for another one."""
    ids = [1, 2, 3]
    layout: dict[str, Any] = {"id": 1}
    place = layout
    for each in range(min(count, 300)):
        place["children"] = [{"id": id_} for id_ in ids]
        place = place["children"][each % 3]
    components = [{"id": id_, "type": "tabs", "props": {"label": "Tabs"}} for id_ in ids]
    return config([*components, box(4, label="Ask"), box(5)], [function_of(4, 5)], layout=layout)


def function_of(taken: int, filled: int) -> dict[str, Any]:
    return {"targets": [[taken, "submit"]], "inputs": [taken], "outputs": [filled]}


def raw(components: bytes = b"", dependencies: bytes = b"", layout: bytes = b"{}") -> bytes:
    parts = (components, dependencies, layout)
    head = b'{"version":"5.50.0","protocol":"sse_v3",'
    return head + b'"components":[%s],"dependencies":[%s],"layout":%s}' % parts


def many(part: bytes, megabytes: float) -> bytes:
    return b",".join([part] * int(megabytes * 1e6 / (len(part) + 1)))


ONE = b'{"inputs":[1],"outputs":[2],"targets":[[1,"submit"]]}'
TWO = b'{"id":1,"type":"textbox"},{"id":2,"type":"textbox"}'

STEEP: Any = {
    "$defs": {
        "A": {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/B"}] * 12}},
        "B": {"type": "array", "prefixItems": [{"anyOf": [{"$ref": "#/$defs/A"}] * 12}] * 2},
    },
    "anyOf": [{"$ref": "#/$defs/A"}] * 12,
}
"""A schema of which a small part leads to many others."""

CIRCLE: Any = {
    "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"anyOf": [{"$ref": "#/$defs/A"}] * 12}},
    "$ref": "#/$defs/A",
}

HOSTILE: dict[str, Callable[[], bytes]] = {
    "events, messages and answers": lambda: everything(150),
    "a chain backwards": lambda: long_chain(150),
    "a longer chain backwards": lambda: long_chain(2000),
    "a chain that many events share": lambda: shared_chain(150),
    "a longer chain that many events share": lambda: shared_chain(2000),
    "components": lambda: raw(many(b'{"id":1}', 15)),
    "components that are used": lambda: config(
        [box(id_, label="Ask") for id_ in range(40_000)],
        [{"inputs": list(range(each, each + 4000))} for each in range(0, 40_000, 4000)],
    ),
    "functions": lambda: raw(dependencies=many(b"{}", 15)),
    "some functions": lambda: raw(dependencies=many(b"{}", 0.25)),
    "inputs": lambda: raw(dependencies=b'{"inputs":[%s]}' % many(b"1", 15)),
    "targets": lambda: raw(TWO, b'{"targets":[%s]}' % many(b"[]", 15)),
    "the same target": lambda: raw(TWO, b'{"targets":[%s]}' % many(b'[1,"click"]', 0.04)),
    "the layout": lambda: raw(layout=b'{"children":[%s]}' % many(b"{}", 15)),
    "a label": lambda: raw(TWO + b',{"id":3,"props":{"label":"%s"}}' % (b"send " * 3_000_000), ONE),
    "a label of another type": lambda: raw(
        b'{"id":1,"props":{"label":[%s]}}' % many(b"[]", 15), ONE
    ),
    "choices": lambda: raw(
        TWO + b',{"id":3,"type":"dropdown","props":{"choices":[%s]}}' % many(b'["a","a"]', 15),
        b'{"inputs":[1,3],"outputs":[2],"targets":[[1,"submit"]]}',
    ),
    "values": lambda: raw(
        TWO + b',{"id":3,"type":"html","props":{"value":"%s"}}' % (b"x" * 15_000_000),
        ONE + b',{"inputs":[],"outputs":[3]}',
    ),
    "examples": lambda: raw(
        TWO + b',{"id":3,"type":"dataset","props":{"samples":[%s]}}' % many(b'["hello"]', 15), ONE
    ),
    "schemas": lambda: config(
        [{**box(id_), "type": "own", "api_info": STEEP} for id_ in range(4_000)],
        [{"inputs": list(range(4_000))}],
    ),
    "schemas of another type": lambda: config(
        [{**box(id_), "type": "own", "api_info": [[{}]] * 50} for id_ in range(15_000)],
        [{"inputs": list(range(each, each + 3000))} for each in range(0, 15_000, 3000)],
    ),
    "a schema": lambda: raw(
        b'{"id":1,"type":"own","api_info":{"anyOf":[%s]}},{"id":2,"type":"textbox"}'
        % many(b"{}", 15),
        ONE,
    ),
    "labels that are the same": lambda: config(
        [box(id_, label="same") for id_ in range(4_000)],
        [{"api_name": f"f{each}", "inputs": list(range(4_000))} for each in range(15)],
    ),
    "components that are the same": lambda: raw(
        many(b'{"id":1,"type":"textbox","props":{"label":"Ask"}}', 15), ONE
    ),
    "functions that are the same": lambda: raw(
        TWO, many(b'{"id":1,"inputs":[1],"outputs":[2],"targets":[[1,"submit"]]}', 0.5)
    ),
    "functions that follow each other": lambda: follow_each_other(1000),
    "components in each other": lambda: in_each_other(1000),
    "schemas that lead in circles": lambda: config(
        [{**box(id_), "type": "own", "api_info": CIRCLE} for id_ in range(4_000)],
        [{"inputs": list(range(4_000))}],
    ),
    "numbers": lambda: raw(
        TWO + b',{"id":3,"type":"slider","props":{"minimum":%s}}' % (b"9" * 15_000_000),
        b'{"inputs":[1,3],"outputs":[2],"targets":[[1,"submit"]]}',
    ),
    "a number that is none": lambda: raw(TWO + b',{"id":3,"props":{"minimum":NaN}}', ONE),
    "half characters": lambda: raw(
        TWO + b',{"id":3,"props":{"label":"%s"}}' % (b"\\ud800" * 2_000_000), ONE
    ),
    "names": lambda: raw(
        many(b'{"id":1,"type":"%s"}' % (b"x" * 300), 15) + b',{"id":2,"type":"textbox"}', ONE
    ),
    "braces": lambda: raw(TWO + b',{"id":3,"props":{"value":[%s]}}' % many(b"{}", 15), ONE),
}
