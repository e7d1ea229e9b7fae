"""The harness itself: that real servers have the Spaces' shapes, and that slow answers stop."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.real.apps import answers
from tests.real.environments import GRADIO_4
from tests.real.servers import (
    SHAPES,
    GradioServer,
    ServerStartError,
    cancel,
    final_output,
    http_client,
    join,
    read_messages,
)

SPACES = ["qwen-2-72b", "qwen-2.5", "qwen-2-5-max", "qwen-2.5-1m"]
#: Apps whose output no Gradio tidies.
EXACT = ["qwen-2-72b-json", "qwen-2-5-max-json", "qwen-2.5", "qwen-2.5-1m", "plain"]
CASES = [
    name
    for name in [*answers.ANSWERS, *answers.SNAPSHOTS]
    if name not in {"long", "empty", "large"}
]


@pytest.mark.parametrize("case", ["hello", "one", "brackets", "cjk", "rewrite"])
@pytest.mark.parametrize("shape", SPACES)
def test_spaces_answer(gradio_server: GradioServer, shape: str, case: str) -> None:
    prompt = f"User: case:echo\nAssistant: case:fails\nUser: case:{case}\nAssistant:"
    answer = final_output(gradio_server.url(shape), shape, prompt)
    status = shape == "qwen-2.5-1m"  # "Qwen is thinking..." comes first
    assert answer.generating == len(answers.snapshots(case)) + status
    assert answer.text == answers.text(case)
    assert answer.messages[-1]["msg"] == "close_stream"


@pytest.mark.parametrize("shape", EXACT)
def test_pieces_stay_as_they_are(gradio_server: GradioServer, shape: str) -> None:
    base = gradio_server.url(shape)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda case: final_output(base, shape, f"case:{case}"), CASES))
    for case, answer in zip(CASES, found, strict=True):
        assert (case, answer.text) == (case, answers.text(case))
        assert answer.generating == len(answers.snapshots(case)) + (shape == "qwen-2.5-1m")


def test_chatbots_tidy(gradio_server: GradioServer) -> None:
    """Chatbot with messages always cleans indentation; with pairs, Gradio 4 does and 5 does not."""
    indented = answers.text("indented")
    tidied = "four\nfour\n  six\nfour"
    messages = final_output(gradio_server.url("messages"), "messages", "case:indented")
    assert messages.text == tidied
    pairs = final_output(gradio_server.url("qwen-2-72b"), "qwen-2-72b", "case:indented")
    assert pairs.text == (tidied if gradio_server.major == 4 else indented)


@pytest.mark.parametrize("shape", SPACES)
def test_what_arrives(gradio_server: GradioServer, shape: str) -> None:
    answer = final_output(gradio_server.url(shape), shape, "case:echo", system="Be brief.")
    assert answer.text is not None
    told = json.loads(answer.text)
    inputs = told["inputs"]
    if shape == "qwen-2.5-1m":
        assert inputs[0][0][0]["text"] == "case:echo"
        assert inputs[1:] == [None, 0]
        assert told["query"] == {"__theme": "light"}
    else:
        assert inputs[:3] == ["case:echo", [], "Be brief."]
        assert inputs[3:] == (["72B"] if shape == "qwen-2.5" else [])
    assert len(told["session_hash"]) == 12
    assert told["headers"]["user-agent"].startswith("python-httpx")


def test_config_has_the_functions(gradio_server: GradioServer) -> None:
    with http_client() as client:
        for name in gradio_server.apps:
            config = client.get(f"{gradio_server.url(name)}/config").raise_for_status().json()
            assert config["version"] == gradio_server.version
            if name in SHAPES:
                (function,) = (
                    d for d in config["dependencies"] if d["id"] == SHAPES[name].fn_index
                )
                assert len(function["inputs"]) == len(SHAPES[name].data("p", "s"))


def test_million_predict_and_summary(gradio_server: GradioServer) -> None:
    base = gradio_server.url("qwen-2.5-1m")
    body = {
        "data": [{"files": [], "text": "hi"}, [], []],
        "event_data": None,
        "fn_index": 1,
        "trigger_id": 5,
        "session_hash": "abcdef012345",
    }
    with http_client() as client:
        reply = client.post(f"{base}/run/predict?__theme=light", json=body).raise_for_status()
    pairs, *rest = reply.json()["data"]
    assert rest == [None, None]
    if gradio_server.major == 5:  # there /run gives the repr of a JSON component's list
        assert pairs == "root=[[{'text': 'hi', 'files': []}, None]]"
    else:
        assert pairs == [[{"text": "hi", "files": []}, None]]
    answer = final_output(base, "qwen-2.5-1m", "case:hello summary:on")
    assert answer.text == answers.text("hello") + answers.SUMMARY
    first = next(m for m in answer.messages if m["msg"] == "process_generating")
    assert first["output"]["data"][0][-1][1][0]["text"] == answers.THINKING_STATUS


def test_thinking(gradio_server: GradioServer) -> None:
    answer = final_output(gradio_server.url("messages"), "messages", "case:thinking")
    thought, reply = answer.completed["output"]["data"][1][-2:]
    assert thought["metadata"]["title"] == "Thinking"
    assert "work it out" in json.dumps(thought)
    assert not (reply["metadata"] or {}).get("title")
    assert answer.text == answers.text("thinking")


def test_empty_generator(gradio_server: GradioServer) -> None:
    """A generator that yields nothing completes with null outputs, at every version."""
    answer = final_output(gradio_server.url("qwen-2-72b"), "qwen-2-72b", "case:empty")
    assert answer.generating == 0
    assert answer.completed["success"] is True
    assert answer.completed["output"]["data"] == [None, None, None]


def test_single(gradio_server: GradioServer) -> None:
    answer = final_output(gradio_server.url("single"), "single", "case:hello")
    assert (answer.generating, answer.text) == (0, "Hello, world!")


@pytest.mark.parametrize("app", ["fails", "fails-raw"])
def test_failures(gradio_server: GradioServer, app: str) -> None:
    completed = final_output(gradio_server.url(app), app, "hey").completed
    assert completed["success"] is False
    if app == "fails":
        assert answers.FAIL_MESSAGE in completed["output"]["error"]
    else:
        assert completed["output"] == {"error": None}


def test_logs(gradio_server: GradioServer) -> None:
    answer = final_output(gradio_server.url("logs"), "logs", "hey")
    logs = [(m["level"], m["log"]) for m in answer.messages if m["msg"] == "log"]
    assert logs == answers.LOGS
    progress = [m["progress_data"][0]["index"] for m in answer.messages if m["msg"] == "progress"]
    assert progress[-1] == len(answers.LOG_PIECES)
    assert answer.text == "".join(answers.LOG_PIECES)


@pytest.mark.parametrize("app", ["slow", "slow-async", *SPACES])
def test_cancel_stops(gradio_server: GradioServer, app: str) -> None:
    base, key = gradio_server.url(app), uuid.uuid4().hex
    with http_client() as client:
        session, event = join(client, base, app, f"case:slow key:{key}")
        messages = read_messages(client, base, app, session)
        for message in messages:
            if message["msg"] == "process_generating":
                break
        assert cancel(client, base, app, session, event).json() == {"success": True}
        last = [m for m in messages if m["msg"] in {"process_completed", "close_stream"}]
    assert [m["msg"] for m in last] == ["process_completed", "close_stream"]
    assert last[0]["output"] == {}
    assert gradio_server.wait_stopped(key) < 30
    assert gradio_server.stopped(key)["finished"] == 0


@pytest.mark.parametrize("app", ["slow", "slow-async"])
def test_leaving_stops(gradio_server: GradioServer, app: str) -> None:
    base, key = gradio_server.url(app), uuid.uuid4().hex
    with http_client() as client:
        session, _ = join(client, base, app, f"key:{key}")
        messages = read_messages(client, base, app, session)
        for message in messages:
            if message["msg"] == "process_generating":
                break
        messages.close()  # type: ignore[attr-defined]
    assert gradio_server.wait_stopped(key) < 30


def test_queue_full(gradio_server: GradioServer) -> None:
    base = gradio_server.url("queue-full")
    body = {"data": ["hold:1"], "event_data": None, "fn_index": 0, "trigger_id": 11}
    prefix = "" if gradio_server.major == 4 else "/gradio_api"
    with http_client() as client:
        sessions = [uuid.uuid4().hex for _ in range(6)]
        url = f"{base}{prefix}/queue/join"
        replies = [client.post(url, json={**body, "session_hash": s}) for s in sessions]
        for session, reply in zip(sessions, replies, strict=True):
            if reply.status_code == 200:
                *_, last = read_messages(client, base, "queue-full", session)
                assert last["msg"] == "close_stream"
            else:
                assert reply.status_code == 503
                assert "Queue is full" in reply.json()["detail"]
    assert replies[0].status_code == 200
    # One runs, one waits; which ones of the rest find room is a matter of time.
    assert any(reply.status_code == 503 for reply in replies)


def test_unknown_app(gradio_server: GradioServer) -> None:
    with pytest.raises(LookupError, match="qwen-2-72b"):
        gradio_server.url("nope")


@pytest.mark.real
def test_server_that_fails_to_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("raise SystemExit('this is why')")
    monkeypatch.setattr("tests.real.servers._SCRIPT", script)
    with pytest.raises(ServerStartError, match="this is why"):
        GradioServer(GRADIO_4).start()
