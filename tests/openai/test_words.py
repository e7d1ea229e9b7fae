"""Errors as clients of the API are told them: in its words, and without what a name hides."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import openai
import spacechat
from spacechat.cli.serve import _named
from spacechat.errors import SettingsFileError
from spacechat.local import LocalSpace
from spacechat.openai import Server, streams
from spacechat.openai.api import Api
from spacechat.openai.question import Question
from spacechat.openai.refusals import Refusal
from spacechat.openai.words import in_api_words, without_places
from tests.openai.conftest import Scripted, Way
from tests.samples import HI
from tests.servers import always, response
from tests.servers.chat_form import ChatForm

PYTHON = re.compile(
    r"\b(?:auth|files|endpoint|output|token|timeout|limits|proxy|sign_in)=|client\."
)


@pytest.mark.parametrize(
    ("text", "worded"),
    [
        ("It takes no files: leave out files=.", "It takes no files: leave them out."),
        (
            "The app at x has a login of its own: pass auth=(user, password).",
            "The app at x has a login of its own, which whoever runs the server has to give it.",
        ),
        (
            "The app at x did not take the user and password of auth=.",
            "The app at x did not take the user and password that the server has for it.",
        ),
        (
            "The app has no login of its own: leave auth= out. For a private Space, give the "
            "client a token.",
            "The app has no login of its own, and the server has one for it.",
        ),
        (
            "It is wrong: set token= or HF_TOKEN, or run `hf auth login`.",
            "It is wrong: whoever runs the server has to set HF_TOKEN, or run `hf auth login`.",
        ),
        (
            "It holds too much: set it to something else with inputs=.",
            "It holds too much: set it to something else with 'inputs'.",
        ),
        (
            "It wants you to sign in. Ask with sign_in=True to give it your token, with which it "
            "can act as you do.",
            "It wants you to sign in. The API has no way to sign in.",
        ),
        (
            "No connection within 5 s. Is it up? timeout= sets the limit.",
            "No connection within 5 s. Is it up?",
        ),
        ("More than 5. limits= sets how many may come.", "More than 5."),
        ("Too long. limits=Limits(message=...) sets how long one may be.", "Too long."),
        (
            "There are a → b (endpoint='/x'); c → d (endpoint=3). Nothing was sent. endpoint= says "
            "which function to call, and output= where the answer is to be read.",
            "There are a → b; c → d. Nothing was sent.",
        ),
        (
            "None: it has /a. endpoint= and output= say how to use one of these; `spacechat "
            "inspect URL` shows more.",
            "None: it has /a. `spacechat inspect URL` shows more.",
        ),
        (
            'It is down. To find a Space that is up: client.find("chat").',
            "It is down. To find a Space that is up: `spacechat find chat`.",
        ),
        ("A question: timeout=5 or auth=x?", "A question: timeout=5 or auth=x?"),
    ],
)
def test_a_text(text: str, worded: str) -> None:
    assert in_api_words(text) == worded


def test_the_words_of_apps_with_a_login(way: Way) -> None:
    with ChatForm(login=("ada", "secret")) as app, way.client() as client:
        with pytest.raises(openai.PermissionDeniedError, match="runs the server") as caught:
            client.chat.completions.create(model=app.url, messages=HI)
        assert not PYTHON.search(str(caught.value))


def test_the_words_of_a_space_that_is_gone(way: Way, scripted: Scripted) -> None:
    with scripted(always(response(b"no", "404 Not Found"))), way.client() as client:
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(model="qwen-2.5", messages=HI)
        assert not PYTHON.search(str(caught.value))


def test_without_places() -> None:
    places = ["http://10.0.0.5:7860", "10.0.0.5:7860", "10.0.0.5", "ada/secret", "ada-secret"]
    told = "http://10.0.0.5:7860/config of 10.0.0.5, ada/secret, ADA-secret.hf.space, 110.0.0.55"
    worded = "fast of fast, fast, fast.hf.space, 110.0.0.55"
    assert without_places(told, places, "fast") == worded
    assert without_places("x", [], "fast") == without_places("x", ["y"], "fast") == "x"


@pytest.mark.parametrize(
    ("text", "worded"),
    [
        (
            "The app at http://app:7860 fails. Is the app up?",
            "The app at fast fails. Is the app up?",
        ),
        ("app:7860, app:80 and u@app", "fast, fast:80 and u@fast"),
        ("See (https://other.host/a?b=c), or ws://x/y.", "See (fast), or fast."),
        (
            "It points elsewhere (inner/secret), which is not followed: use the Space's own.",
            "It points elsewhere, which is not followed: use the Space's own.",
        ),
    ],
)
def test_addresses_that_no_error_tells(text: str, worded: str) -> None:
    """A host that is called as any word is stays a word elsewhere."""
    assert without_places(text, ["app:7860", "app"], "fast") == worded


def hidden(model: str, told: str) -> None:
    for secret in ("127.0.0.1", "localhost", model):
        assert secret not in told


def test_an_alias_hides_its_address() -> None:
    """Not in the list of models, and in no error."""
    with LocalSpace("plain", ["Hi"]) as space:
        address = space.url
        models = {"fast": address, "a/b": address}
        settings: Any = {"api_key": "-", "max_retries": 0}
        with Server(models=models) as server, openai.OpenAI(base_url=server.url, **settings) as ask:
            listed = ask.models.list()
            assert {(each.id, each.owned_by) for each in listed} == {
                ("fast", "spacechat"),
                ("a/b", "spacechat"),
            }
            assert ask.models.retrieve("a/b").id == "a/b"
            image: Any = {"type": "image_url", "image_url": {"url": "data:;base64,QQ=="}}
            messages: Any = [{"role": "user", "content": [{"type": "text", "text": "Hi"}, image]}]
            with pytest.raises(openai.BadRequestError, match="The app at fast takes") as caught:
                ask.chat.completions.create(model="fast", messages=messages)
            hidden(address, str(caught.value))
            wrong: Any = {"inputs": {"x": 1}}
            with pytest.raises(openai.BadRequestError) as caught:
                ask.chat.completions.create(model="fast", messages=HI, extra_body=wrong)
            hidden(address, str(caught.value))
    with Server(models=models) as server, openai.OpenAI(base_url=server.url, **settings) as ask:
        for stream in (False, True):
            with pytest.raises(openai.APIStatusError) as unreached:
                ask.chat.completions.create(model="fast", messages=HI, stream=stream)
            assert unreached.value.status_code == 503
            hidden(address, str(unreached.value))


@pytest.mark.parametrize(
    ("address", "told", "secrets"),
    [
        ("http://höst.x:7", "http://xn--hst-sna.x:7 and xn--hst-sna.x", ["hst"]),
        ("http://a.b.c./x", "http://a.b.c./x, at a.b.c, in a.b.c/x", ["a.b", "/x"]),
        ("http://a.b:80/x", "http://a.b/x", ["a.b", "/x"]),
        ("http://a.b/c%20d/ü", "http://a.b/c%20d/%C3%BC and /c%20d/%C3%BC", ["a.b", "%20", "%C3"]),
        ("http://a.b/sec/ret", "traceback at a.b /sec/ret/config", ["a.b", "ret"]),
        ("owner/name", "owner-name.hf.space", ["owner"]),
        (
            "e.f:1/c",
            "It points elsewhere (http://in.side/d e), which is not followed",
            ["in.", " e)"],
        ),
    ],
)
def test_a_name_hides_every_form_of_its_address(
    address: str, told: str, secrets: list[str]
) -> None:
    message = asked(Api({"fast": address}), "fast").refusal(spacechat.GenerationError(told))
    assert "fast" in message.error.message or "points elsewhere, which" in message.error.message
    assert not [each for each in secrets if each in message.error.message]


@pytest.mark.parametrize("models", [None, ["qwen-2.5"], ["http://127.0.0.1:1"]])
def test_passwords_are_not_repeated(models: list[str] | None) -> None:
    """Neither in an error nor in an answer, whatever is asked for."""
    api = Api(models)
    name = "http://ada:sekret@127.0.0.1:1"
    quoted = quote(name, safe="")
    messages = [{"role": "user", "content": "Hi"}]
    responses = []
    for path, fields in (
        ("chat/completions", {"messages": messages}),
        ("responses", {"input": "Hi"}),
    ):
        for streamed in (False, True):
            body = json.dumps({"model": name, "stream": streamed, **fields}).encode()
            responses.append(told_by(api, "POST", f"/v1/{path}", body))
    for method in ("GET", "POST"):
        responses += [told_by(api, method, f"/v1/models/{each}", b"") for each in (name, quoted)]
    assert len(responses) == 8
    assert not [each for each in responses if "sekret" in each]
    if models is None:
        assert '"owned_by":"127.0.0.1"' in responses[4]


def told_by(api: Api, method: str, path: str, body: bytes) -> str:
    """All that a client is told, where the Space can't be reached and where it answers."""
    try:
        found = api.receive(method, path, body)
    except Refusal as exc:
        return f"{exc.error}"
    if not isinstance(found, Question):
        return found.body.decode()
    refused = found.refusal(spacechat.SpaceUnavailableError("http://127.0.0.1:1 is down"))
    assert refused.error.message == "http://127.0.0.1:1 is down"
    writer = found.writer()
    return f"{refused.error} {found!r} {writer.feed(spacechat.events.Completed('Hi'), '').decode()}"


def test_an_address_hides_nothing() -> None:
    with LocalSpace("plain", ["Hi"]) as space:
        for models in (None, [space.url]):
            found = Api(models).receive("GET", f"/v1/models/{space.url}", b"")
            assert not isinstance(found, Question)
            assert json.loads(found.body)["owned_by"] == "127.0.0.1"


@pytest.mark.parametrize(
    "path", ["owner/name", "owner%2Fname", "owner%2fname/", "%6Fwner/name", "owner/name?x=1"]
)
def test_names_with_slashes(path: str, way: Way) -> None:
    with way.http() as http:
        found = http.get(f"/models/{path}")
        assert found.status_code == (404 if path.endswith("/") else 200)
        if found.status_code == 200:
            assert found.json()["id"] == "owner/name"


@pytest.mark.parametrize(
    "name", ["nonsense", "owner%00name", "%ff", "a%0d%0ab", "%1b[2J", "x" * 2000]
)
def test_models_that_there_are_not(name: str, way: Way) -> None:
    with way.http() as http:
        found = http.get(f"/models/{name}")
    error = found.json()["error"]
    assert (found.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert error["message"].isprintable()
    assert len(error["message"]) < 700


@pytest.mark.parametrize("path", ["/completions", "/embeddings", "/files", "/" + "x" * 5000])
def test_addresses_that_there_are_not(path: str, way: Way) -> None:
    with way.http() as http:
        found = http.post(path, json={})
    error = found.json()["error"]
    assert (found.status_code, error["code"]) == (404, "unknown_url")
    assert "/v1/chat/completions" in error["message"]
    assert len(error["message"]) < 500


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("fast=owner/name", {"fast": "owner/name"}),
        ("fast=https://x.y/?a=b", {"fast": "https://x.y/?a=b"}),
        ("openai/gpt-4o=owner/name", {"openai/gpt-4o": "owner/name"}),
        ("https://x.y/?a=b", {"https://x.y/?a=b": "https://x.y/?a=b"}),
        ("x.y/p?a=b", {"x.y/p?a=b": "x.y/p?a=b"}),
        ("localhost:7860/=x", {"localhost:7860/=x": "localhost:7860/=x"}),
        ("example.org/a=b", {"example.org/a=b": "example.org/a=b"}),
    ],
)
def test_names_at_the_command_line(given: str, named: dict[str, str]) -> None:
    assert _named([given]) == named


def asked(api: Api, model: str) -> Question:
    body = json.dumps({"model": model, "messages": HI}).encode()
    found = api.receive("POST", "/v1/chat/completions", body)
    assert isinstance(found, Question)
    return found


def test_logins_of_several_apps() -> None:
    """Each app gets its own, and none gets another's."""
    ada, bob = ("ada", "secret"), ("bob", "hidden")
    models = {"one": "localhost:1", "two": "localhost:2", "three": "localhost:3", "q": "qwen-2.5"}
    api = Api(models, {"one": ada, "two": bob})
    logins = {name: asked(api, name).options.get("auth") for name in models}
    assert logins == {"one": ada, "two": bob, "three": None, "q": None}
    assert "secret" not in repr(asked(api, "one"))
    with pytest.raises(Refusal):
        asked(api, "localhost:1")
    for auth, says in (
        ({"other": ada}, "has a login for 'other'"),
        ({"q": ada}, "has a login for 'q'"),
        (ada, "they name 3"),
    ):
        with pytest.raises(ValueError, match=says):
            Api(models, auth)
    for wrong in ({"one": "ada"}, "ada", ("ada",), {"one": ("ada", 1)}):
        with pytest.raises(spacechat.InputsError, match="auth= takes a user and a password"):
            Api(models, wrong)  # type: ignore[arg-type]


def test_addresses_that_differ_in_the_user_only() -> None:
    models = ["http://ada:secret@a.b", "http://bob:hidden@a.b"]
    with pytest.raises(
        ValueError, match=r"names 'http://a\.b' twice, with several users"
    ) as caught:
        Api(models)
    assert "secret" not in str(caught.value)
    assert Api(["qwen-2.5", "qwen-2.5"])


def test_a_name_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The login goes to the app that was found, whatever the name stands for by then."""
    settings = tmp_path / "config.toml"
    monkeypatch.setenv("SPACECHAT_CONFIG", str(settings))
    with LocalSpace("plain", ["right"]) as space, LocalSpace("plain", ["wrong"]) as other:
        settings.write_text(f'[models]\nmine = "{space.url}"\n')
        found = asked(Api(["mine"]), "mine")
        settings.write_text(f'[models]\nmine = "{other.url}"\n')
        with spacechat.Client() as client, streams.begin(client.stream, found) as stream:
            assert stream.reply().text == "right"
        assert other.requests == []


def test_settings_that_are_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of any model says so before it is asked; one of named apps needs no settings."""
    settings = tmp_path / "config.toml"
    settings.write_text("damaged")
    monkeypatch.setenv("SPACECHAT_CONFIG", str(settings))
    with pytest.raises(SettingsFileError, match="The settings file"):
        Api(None)
    assert Api({"fast": "localhost:1"})


def test_several_apps_with_logins() -> None:
    first, second = ("ursula", "sugar"), ("kurt", "pepper")
    with ChatForm(login=first) as one, ChatForm(login=second) as two:
        auth = {"one": first, "two": second}
        with (
            Server(models={"one": one.url, "two": two.url}, auth=auth) as server,
            openai.OpenAI(base_url=server.url, api_key="-", max_retries=0) as client,
        ):
            for name in auth:
                assert client.chat.completions.create(model=name, messages=HI)
        for app, other in ((one, b"kurt"), (two, b"ursula")):
            assert any(b"username" in each.body for each in app.requests)
            assert not any(other in each.body for each in app.requests)
