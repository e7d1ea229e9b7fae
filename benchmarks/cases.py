"""The cases: what is measured beside what, and what it should come to."""

from __future__ import annotations

from collections.abc import Callable

from . import calls, measure
from .peers import PEERS
from .rows import Plan, Row
from .server import running
from .waits import far, starting

WAYS = ("spacechat", "spacechat plain")
"""Ours: with the fast transport, and with httpx's own, as where there is no `httptools`."""


def stream(plan: Plan) -> list[Row]:
    """One answer as edits, text iteration"""
    script = f"t{plan.size(20_000)}-edits"
    rows = {name: Row(name) for name in PEERS}
    bare, bare_trio = rows["bare loop, asyncio"], rows["bare loop, trio"]
    for row in rows.values():
        row.reference = bare if row is not bare else None
    for way in WAYS:
        ours, trio, blocking = (rows[f"{way}, {each}"] for each in ("asyncio", "trio", "blocking"))
        ours.limit = trio.limit = 0.95
        trio.reference = bare_trio
        blocking.reference, blocking.limit = ours, 1.1
    for number in range(plan.rounds):
        for name, row in rows.items():
            if name == "gradio_client" and number >= 2:
                continue  # Its cost grows with the square of the length: two are enough.
            repeats = 1 if name == "gradio_client" else 3
            found = measure.run("read", name, plan.url, script, repeats)
            row.values.append(found["cpu"] * 1e3)
    theirs = rows["gradio_client"]
    against = [
        Row(
            f"{way}, asyncio, against gradio_client",
            rows[f"{way}, asyncio"].values,
            reference=theirs,
            limit=1 / 20,
        )
        for way in WAYS
    ]
    return [*rows.values(), *against]


def first(plan: Plan) -> list[Row]:
    """Time to the first text, at the replay server and at the local Space"""
    rows = []
    for place, url in (("", f"{plan.url}/t50-edits"), (", local Space", "")):
        found = measure.run("first", url, plan.size(100))
        timed = {
            name: Row(name + place, [value * 1e3 for value in values], "ms")
            for name, values in found.items()
        }
        socket = timed["raw socket"]
        for name, row in timed.items():
            if row is not socket:
                row.reference, row.difference = socket, True
            if name.startswith("spacechat"):
                row.limit = 3
        rows += timed.values()
    return rows


def snapshots(plan: Plan) -> list[Row]:
    """One answer as whole values"""
    script = f"t{plan.size(4_000)}-snapshots"
    alone = Row("decoding alone, msgspec")
    read = [Row(f"{way}, asyncio", reference=alone, limit=1.3) for way in WAYS]
    read += [Row(name, reference=alone) for name in ("bare loop, asyncio", "raw socket + msgspec")]
    for _ in range(plan.rounds):
        alone.values.append(measure.run("decoding", script)["cpu"] * 1e3)
        for row in read:
            row.values.append(measure.run("read", row.name, plan.url, script)["cpu"] * 1e3)
    return [alone, *read]


def many(plan: Plan) -> list[Row]:
    """Streams of 50 tokens at once, per stream"""
    rows = []
    few, lots = plan.size(100), plan.size(1_000)
    for way in (*WAYS, "raw socket + msgspec"):
        base = Row(f"{way}, {few} streams")
        row = Row(f"{way}, {lots:,} streams", reference=base)
        if way.startswith("spacechat"):
            row.limit, row.most = 1.3, 2.2
        rows += [base, row]
        for _ in range(plan.rounds):
            for each, count in ((base, few), (row, lots)):
                found = measure.run("many", way, plan.url, "t50-edits", count)
                each.values.append(found["cpu"] * 1e3)
    return rows


_HELD = (("asyncio", 200, 30), ("asyncio", 1_000, 30), ("uvloop", 2_000, 20))
"""Event loops, streams, and the most microseconds of CPU that a token should take."""


def held(plan: Plan) -> list[Row]:
    """Streams that get 20 tokens a second each: 25 us a token is one core for 2,000"""
    rows = []
    for way in (*WAYS, "raw socket"):
        for loop, full, most in _HELD:
            count = plan.size(full)
            name = f"{way}, {loop}, {count:,} streams"
            cpu = Row(f"{name}, CPU a token", unit="us")
            late = Row(f"{name}, p99 lateness", unit="ms")
            memory = Row(f"{name}, memory a stream", unit="KiB")
            server = Row(f"{name}, the server's own lateness", unit="ms")
            if way != "raw socket":
                cpu.most, late.most, memory.most = most, 50, 60
            for _ in range(min(plan.rounds, 3)):
                found = measure.run("held", way, plan.url, "t100-times-r20", count, loop)
                cpu.values.append(found["cpu"] * 1e6)
                late.values.append(found["p99"] * 1e3)
                memory.values.append(found["memory"] / 1024)
                server.values.append(found["server lag"] * 1e3)
            rows += [cpu, late, memory, server]
    return rows


def operations(plan: Plan) -> list[Row]:
    """One step of each kind"""
    rows: dict[str, Row] = {}
    for _ in range(plan.rounds):
        for name, seconds in measure.run("operations").items():
            rows.setdefault(name, Row(name, unit="us")).values.append(seconds * 1e6)
    return list(rows.values())


def growth(plan: Plan) -> list[Row]:
    """A long answer beside a longer one"""
    rows = []
    short, long = (plan.size(count) for count in (20_000, 80_000))
    for way in WAYS:
        base = Row(f"{way}, {short:,} tokens")
        grown = Row(f"{way}, {long:,} tokens", reference=base, limit=4.4)
        peak = Row(f"{way}, {long:,} tokens, peak memory", unit="MiB")
        for _ in range(plan.rounds):
            for row, count in ((base, short), (grown, long)):
                found = measure.run("read", f"{way}, asyncio", plan.url, f"t{count}-edits")
                row.values.append(found["cpu"] * 1e3)
            found = measure.run("memory", way, plan.url, f"t{long}-edits")
            peak.values.append(found["peak"] / 2**20)
            peak.most = 3 * found["answer"] / 2**20 + 4
        rows += [base, grown, peak]
    return rows


def functions(plan: Plan) -> list[Row]:
    """Calls of functions, beside gradio_client"""
    with running("functions") as url:
        return [*_compared(plan, url), *_at_once(plan, url), *_appended(plan, url)]


def _compared(plan: Plan, url: str) -> list[Row]:
    """What each way does alike: calls in a row, first values, values."""
    kinds: list[tuple[str, str, float, str, tuple[object, ...]]] = [
        ("20 in a row", "wall", 0.35, "in_a_row", (20,)),
        ("the first of 30 values", "first", 0.2, "first", (30,)),
        ("1,000 numbers, CPU", "cpu", 0.5, "values", ("/numbers", plan.size(1_000))),
        ("300 states of an object, CPU", "cpu", 0.5, "values", ("/states", plan.size(300))),
    ]
    rows = []
    for name, key, limit, function, arguments in kinds:
        unit = "ms CPU" if key == "cpu" else "ms"
        found = {way: Row(f"{name}: {way}", unit=unit) for way in calls.WAYS}
        theirs = found["gradio_client"]
        for _ in range(plan.rounds):
            for way, row in found.items():
                took = measure.run(function, way, url, *arguments, of="calls")
                row.values.append(took[key] * 1e3)
        for row in found.values():
            if row is not theirs:
                row.reference, row.limit = theirs, limit
        rows += found.values()
    return rows


def _at_once(plan: Plan, url: str) -> list[Row]:
    """A hundred calls at once: CPU, and threads."""
    theirs = Row("100 at once, CPU: gradio_client")
    ours = Row("100 at once, CPU: spacechat, asyncio", reference=theirs, limit=0.2)
    threads = {
        "gradio_client": Row("100 at once, threads: gradio_client", unit=""),
        "spacechat, asyncio": Row("100 at once, threads: spacechat, asyncio", unit="", most=0),
    }
    for _ in range(plan.rounds):
        for way, row in (("spacechat, asyncio", ours), ("gradio_client", theirs)):
            found = measure.run("at_once", way, url, plan.size(100), of="calls")
            row.values.append(found["cpu"] * 1e3)
            threads[way].values.append(found["threads"])
    return [ours, theirs, *threads.values()]


def _appended(plan: Plan, url: str) -> list[Row]:
    """A list that grows, followed by its edits: four times as long may cost four times as much."""
    few, many = plan.size(2_500), plan.size(10_000)
    short = Row(f"{few:,} appends to a list: spacechat, asyncio")
    long = Row(f"{many:,} appends to a list: spacechat, asyncio", reference=short, limit=4.4)
    for _ in range(plan.rounds):
        for row, count in ((short, few), (long, many)):
            found = measure.run("edits", "spacechat, asyncio", url, "/grow", count, of="calls")
            row.values.append(found["cpu"] * 1e3)
    return [short, long]


def importing(plan: Plan) -> list[Row]:
    """Importing"""
    theirs = Row("import httpx", unit="ms")
    ours = Row("import spacechat", unit="ms", reference=theirs, limit=0.35, most=15)
    for _ in range(plan.rounds * 2):
        theirs.values.append(measure.importing("httpx")["wall"] * 1e3)
        ours.values.append(measure.importing("spacechat")["wall"] * 1e3)
    return [theirs, ours]


CASES: dict[str, Callable[[Plan], list[Row]]] = {
    "import": importing,
    "stream": stream,
    "first": first,
    "far": far,
    "start": starting,
    "snapshots": snapshots,
    "many": many,
    "held": held,
    "growth": growth,
    "operations": operations,
    "calls": functions,
}
