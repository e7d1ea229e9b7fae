"""The cases of what a person waits for: round trips, and the start of a command."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Callable, Iterator

from . import measure, start
from .far import Far
from .rows import Plan, Row
from .server import chat_app, gradio_python, local_space


def far(plan: Plan) -> list[Row]:
    """Round trips to the first text, over a link of 200 ms"""
    replayed = f"{plan.url}/t20-edits"
    rows = []
    with local_space() as local, _chat_interface() as real:
        for scheme in ("http", "https"):
            more = 0 if scheme == "http" else 1  # For the handshake.
            rows += [
                *_far(plan, scheme, "spacechat, a known Space", replayed, 3.3 + more),
                *_far(plan, scheme, "spacechat, any app by its URL", local, 4.4 + more),
                *_far(plan, scheme, "spacechat, a conversation", local, 4.4 + more),
                *_far(plan, scheme, "gradio_client", replayed),
                *_far(plan, scheme, "httpx alone", replayed),
            ]
            if real is not None:
                on = "Gradio 6"
                rows += [
                    *_far(plan, scheme, "spacechat, any app by its URL", real, 4.4 + more, on),
                    *_far(plan, scheme, "spacechat, a conversation", real, 4.4 + more, on),
                    *_far(plan, scheme, "gradio_client, a ChatInterface", real, on=on),
                ]
    return rows


@contextlib.contextmanager
def _chat_interface() -> Iterator[str | None]:
    """The address of a real ChatInterface, or None where there is no Gradio 6."""
    python = gradio_python()
    if python is None:
        print("There is no Gradio 6 in the tests' environments: no real app is asked.", flush=True)
        yield None
        return
    with chat_app(python) as url:
        yield url.rstrip("/")


def _far(
    plan: Plan, scheme: str, way: str, url: str, first: float | None = None, on: str = ""
) -> list[Row]:
    name = f"{scheme}: {way}" + (f", {on}" if on else "")
    later = None if first is None else 2.2
    made = Row(f"{name}: connecting", unit="trips")
    rows = {
        "timed": (
            Row(f"{name}: first question", unit="trips", most=first),
            Row(f"{name}: later ones", unit="trips", most=later),
        ),
        "counted": (
            Row(f"{name}: first question, counted", unit="trips"),
            Row(f"{name}: later ones, counted", unit="trips"),
        ),
    }
    for _ in range(min(plan.rounds, 3)):
        found = measure.run("measure", way, url, scheme, 0.2, 5, of="trips")
        made.values.append(found["made"])
        for how, (one, others) in rows.items():
            one.values.append(found["texts"][0][how])
            others.values.append(statistics.median(each[how] for each in found["texts"][1:]))
    both = [*rows["timed"], *rows["counted"]]
    return [made, *both] if "gradio_client" in way else both


def starting(plan: Plan) -> list[Row]:
    """A command, from a cold process to the first word of its answer"""
    replayed = f"{plan.url}/t20-edits"
    with Far(plan.url, 0.2) as far:
        distant = f"{far.url}/t20-edits"
        ways: dict[str, Callable[[], float]] = {
            "Python alone": start.python,
            "spacechat --version": start.version,
            "spacechat ask --local": start.local,
            "spacechat ask, a new app": lambda: start.ours(replayed, remembered=False),
            "spacechat ask, an app asked before": lambda: start.ours(replayed, remembered=True),
            "gradio_client": lambda: start.gradio_client(replayed),
        }
        if start.llm_command():
            ways["llm --version"] = start.llm_version
            ways["llm, a server of the OpenAI API"] = lambda: start.llm(replayed)
        ways |= {
            "spacechat ask, a new app, 200 ms away": lambda: start.ours(
                distant, remembered=False, far=True
            ),
            "spacechat ask, an app asked before, 200 ms away": lambda: start.ours(
                distant, remembered=True, far=True
            ),
            "gradio_client, 200 ms away": lambda: start.gradio_client(distant),
        }
        most = {"spacechat --version": 120.0, "spacechat ask --local": 600.0}
        rows = {name: Row(name, unit="ms", most=most.get(name)) for name in ways}
        for _ in range(plan.rounds):
            for name, way in ways.items():
                rows[name].values.append(way() * 1e3)
    return [*rows.values()]
