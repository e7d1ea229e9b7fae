"""The blocking interface against real Gradio servers, Ctrl-C included."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

import spacechat
from spacechat import errors, sync
from tests.processes import Script, wait_until
from tests.real.apps.answers import ANSWERS
from tests.real.servers import GradioServer, http_client, plain_provider
from tests.samples import came_as_sent

pytestmark = pytest.mark.real

SCRIPT = """
import sys, time
import spacechat
from spacechat.sync import Provider, Qwen_Qwen_2_72B

class OneAtATime(Qwen_Qwen_2_72B):
    prefix = sys.argv[3]
    join_path = f"{prefix}/queue/join"
    events_path = f"{prefix}/queue/data"
    cancel_path = f"{prefix}/cancel"
    output = 0
    shows_chat = False

    @classmethod
    def data(cls, question):
        return [question.prompt]

url, prompt = sys.argv[1:3]
provider = OneAtATime.at(url) if url.endswith("one-at-a-time") else Qwen_Qwen_2_72B.at(url)
client = spacechat.Client()
try:
    for event in client.stream(prompt, provider=provider).events():
        print(type(event).__name__)
except KeyboardInterrupt:
    print("\\ninterrupted", time.monotonic())  # Ctrl-C may split a line.
    sys.stdin.readline()
print("again", client.ask("case:hello", provider=provider))
"""


def test_every_piece(gradio_server: GradioServer) -> None:
    provider = sync.Qwen_Qwen_2_72B.at(gradio_server.url("qwen-2-72b-json"))
    with spacechat.Client() as client:
        for name in ("repeats", "brackets", "emoji_split", "lines", "words", "empty"):
            with client.stream(f"case:{name}", provider=provider) as stream:
                assert came_as_sent(list(stream), ANSWERS[name])
                assert stream.text == "".join(ANSWERS[name])


def test_failure(gradio_server: GradioServer) -> None:
    provider = sync.Qwen_Qwen_2_72B.at(gradio_server.url("qwen-2-72b"))
    with pytest.raises(errors.GenerationError) as caught:
        spacechat.ask("case:fails_raw", provider=provider)
    assert caught.value.partial_text == "Some text"


def test_ctrl_c_in_the_middle(gradio_server: GradioServer, tmp_path: Path) -> None:
    url = gradio_server.url("qwen-2-72b")
    with Script(tmp_path, SCRIPT, url, "case:slow key:ctrl-c-middle", "") as script:
        script.read("TextDelta")
        _interrupt(script)
        assert gradio_server.wait_stopped("ctrl-c-middle") < 30
        script.tell("go on")
        assert script.read("again ") == "Hello, world!"
        assert script.end().code == 0


def test_ctrl_c_in_the_queue(gradio_server: GradioServer, tmp_path: Path) -> None:
    provider = plain_provider(gradio_server, "one-at-a-time", sync.Provider)
    with (
        spacechat.Client() as client,
        client.stream("case:slow key:first", provider=provider) as first,
    ):
        next(first)
        prefix = "" if gradio_server.major == 4 else "/gradio_api"
        arguments = (provider.url, "case:slow key:queued", prefix)
        with Script(tmp_path, SCRIPT, *arguments) as script:
            script.read("Queued")
            _interrupt(script)
            with http_client() as http:
                status = f"{provider.url}{prefix}/queue/status"
                wait_until(lambda: http.get(status).json()["queue_size"] == 0)
            first.close()
            script.tell("go on")
            assert script.read("again ") == "Hello, world!"
            assert script.end().code == 0
    assert gradio_server.stopped("queued")["started"] == 0


def _interrupt(script: Script) -> None:
    sent = time.monotonic()
    script.process.send_signal(signal.SIGINT)
    latency = float(script.read("interrupted ")) - sent
    print(f"Ctrl-C was raised after {latency * 1000:.1f} ms")
    assert 0 <= latency < 30
