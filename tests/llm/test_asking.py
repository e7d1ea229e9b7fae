"""Spaces as models: what `llm` gets of an answer, and what a Space gets of a prompt."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llm
import pytest
from llm.parts import StreamEvent

from spacechat import errors
from spacechat.llm import AsyncSpaceModel, SpaceError, SpaceModel
from spacechat.local import ChatRequest, LocalSpace
from tests.leaving import cancels, endless
from tests.processes import wait_until
from tests.servers import chat_form
from tests.servers.apps import APPS, AppServer
from tests.servers.chat_form import ChatForm

PIECES = ["Hello", ", ", "world", "!"]


def say(request: ChatRequest) -> Iterator[str]:
    """Answer with what came, as JSON."""
    yield json.dumps([request.system, request.history, request.prompt], ensure_ascii=False)


def heard(response: llm.Response) -> Any:
    return json.loads(response.text())


def test_pieces_as_they_come() -> None:
    with LocalSpace("messages", PIECES) as space:
        response = SpaceModel(space.url).prompt("Hi")
        assert list(response) == PIECES
        assert response.text() == "Hello, world!"


def test_whole_without_streaming() -> None:
    with LocalSpace("messages", PIECES) as space:
        assert list(SpaceModel(space.url).prompt("Hi", stream=False)) == ["Hello, world!"]


async def ask(space: LocalSpace, *, stream: bool) -> list[str]:
    response = AsyncSpaceModel(space.url).prompt("Hi", stream=stream)
    return [piece async for piece in response]


@pytest.mark.anyio
async def test_asynchronous() -> None:
    with LocalSpace("messages", PIECES) as space:
        assert await ask(space, stream=True) == PIECES
        assert await ask(space, stream=False) == ["Hello, world!"]


@pytest.mark.anyio
async def test_an_asynchronous_conversation() -> None:
    with LocalSpace("qwen-2-72b", say) as space:
        conversation = AsyncSpaceModel(space.url).conversation()
        first = await conversation.prompt("One", system="Be kind.").text()
        second = json.loads(await conversation.prompt("Two").text())
    assert json.loads(first) == ["Be kind.", [], "One"]
    assert [each["content"] for each in second[1]] == ["One", first]


def test_a_system_prompt_and_what_was_said_before() -> None:
    with LocalSpace("qwen-2-72b", say) as space:
        conversation = SpaceModel(space.url).conversation()
        first = conversation.prompt("One", system="Be kind.")
        assert heard(first) == ["Be kind.", [], "One"]
        system, history, question = heard(conversation.prompt("Two"))
    assert (system, question) == ("Be kind.", "Two")
    assert [each["content"] for each in history] == ["One", first.text()]


def test_a_conversation_stays_on_its_page() -> None:
    """Of an app that keeps what was said on its side, and is told only what is new."""
    with LocalSpace("qwen-2.5-1m", PIECES) as space:
        conversation = SpaceModel(space.url).conversation()
        for question in ("One", "Two"):
            conversation.prompt(question).text()
        sessions = [each.json["session_hash"] for each in joins(space)]
    assert len(sessions) > 1
    assert len(set(sessions)) == 1


def test_another_conversation_has_another_page() -> None:
    with LocalSpace("qwen-2.5-1m", PIECES) as space:
        model = SpaceModel(space.url)
        for _ in range(2):
            model.prompt("One").text()
        changed = [llm.user("One"), llm.assistant("Something else"), llm.user("Two")]
        model.prompt(messages=changed).text()
        assert len({each.json["session_hash"] for each in joins(space)}) == 3


def joins(space: LocalSpace) -> list[Any]:
    return [each for each in space.requests if each.path.endswith("/queue/join")]


def test_a_reply_to_a_response() -> None:
    with LocalSpace("qwen-2-72b", say) as space:
        first = SpaceModel(space.url).prompt("One")
        first.text()
        _, history, question = heard(first.reply("Two"))
    assert [each["content"] for each in history] == ["One", first.text()]
    assert question == "Two"


def test_what_other_models_said_with_tools() -> None:
    turns = [
        llm.user("One", "and more"),
        llm.Message("assistant", [llm.parts.ReasoningPart("Hm"), llm.parts.ToolCallPart("f")]),
        llm.tool_message(llm.parts.ToolResultPart("f", "3")),
        llm.assistant("Three"),
        llm.user("Two"),
    ]
    with LocalSpace("qwen-2-72b", say) as space:
        _, history, question = heard(SpaceModel(space.url).prompt(messages=turns))
    assert [each["content"] for each in history] == ["One\nand more", "Three"]
    assert question == "Two"


def test_settings_and_files(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n a cat")
    attachments = [
        llm.Attachment(path=str(tmp_path / "cat.png")),
        llm.Attachment(type="image/png", content=b"\x89PNG\r\n\x1a\n a dog"),
    ]
    typed = {"temperature": "1.5", "Web search": "yes", "Extra": '{"a": [1]}', "Notes": "5"}
    with ChatForm() as app:
        response = SpaceModel(app.url).prompt("Look", attachments=attachments, options=typed)
        answer = heard(response)
        assert app.files["cat.png"].endswith(b"a cat")
        assert app.files["file-2.png"].endswith(b"a dog")
    assert answer == {
        "question": "Look",
        "files": ["cat.png", "file-2.png"],
        "Temperature": 1.5,
        "Web search": True,
        "Style": "long",
        "Notes": "5",
        "Tags": [],
        "Extra": {"a": [1]},
    }


def test_the_way_to_ask() -> None:
    with ChatForm() as app:
        model = SpaceModel(app.url)
        answer = heard(model.prompt("Hi", endpoint="/chat", output="2", Temperature="1"))
        assert answer["Temperature"] == 1
        with pytest.raises(SpaceError, match=r"no endpoint '/nowhere'.* -o endpoint takes a name"):
            model.prompt("Hi", endpoint="/nowhere").text()


def test_settings_of_a_program_are_what_they_are() -> None:
    with ChatForm() as app:
        answer = heard(SpaceModel(app.url).prompt("Hi", Temperature=1, Tags=["a"]))
    assert (answer["Temperature"], answer["Tags"]) == (1, ["a"])


def test_a_file_at_an_address_is_the_apps_to_fetch() -> None:
    address = "https://example.com/cat.png"
    with ChatForm(lambda _question, _settings, files: [json.dumps(files)]) as app:
        attachment = llm.Attachment(type="image/png", url=address)
        (file,) = heard(SpaceModel(app.url).prompt("Look", attachments=[attachment]))
    assert file["url"] == address


def test_files_of_an_answer() -> None:
    with ChatForm(lambda *_: ["A cat.", cat]) as app:
        cat = app.file("cat.png", b"a picture")
        response = SpaceModel(app.url).prompt("Draw")
        url = f"{app.url}/gradio_api/file=/tmp/cat.png"
        assert response.text() == f"A cat.\n\n{url}"
    facts = response.json()
    assert facts is not None
    assert facts["files"] == [{"url": url, "name": "cat.png", "mime_type": "image/png"}]
    assert facts["timings"].keys() == {"queued", "first_text", "total"}
    assert (facts["model"], facts["provider"]) == (app.url, "GradioChat")
    assert "text" not in facts
    assert response.usage() == llm.Usage()


def test_reasoning_is_no_text() -> None:
    with AppServer(APPS["thinks"]) as app:
        response = SpaceModel(app.url).prompt("Hi")
        found = list(response.stream_events())
    assert "".join(e.chunk for e in found if e.type == "reasoning") == APPS["thinks"].reasoning
    assert response.text() == "Hello"


def test_a_text_that_is_rewritten_is_whole_in_the_log() -> None:
    with AppServer(APPS["rewrites"]) as app:
        response = SpaceModel(app.url).prompt("Hi")
        response.text()
        whole = SpaceModel(app.url).prompt("Hi", stream=False).text()
    facts = response.json()
    assert facts is not None
    assert response.text() != whole
    assert facts["text"] == whole


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"Temperature": "9"}, "9 is no value for slider 'Temperature'"),
        ({"Temprature": "1"}, "no input 'Temprature'. Did you mean 'Temperature'?"),
        ({"Extra": "{"}, "broken JSON"),
        ({"Photos": "cat.png"}, "files go with a question by -a"),
        ({"Notes": "a", "notes": "b"}, "is given twice"),
    ],
)
def test_options_that_it_does_not_take(options: dict[str, str], says: str) -> None:
    with ChatForm() as app:
        with pytest.raises(llm.ModelError, match=says.replace("?", r"\?")) as caught:
            SpaceModel(app.url).prompt("Hi", options=options).text()
        assert isinstance(caught.value.__cause__, errors.InputsError)
        assert not joined(app)


def joined(app: chat_form.ChatForm) -> list[Any]:
    return [each for each in app.requests if each.path.endswith("/queue/join")]


@pytest.mark.parametrize("name", ["key", "stream", "system"])
def test_options_that_llm_would_keep(name: str) -> None:
    model = SpaceModel("owner/name")
    with pytest.raises(SpaceError, match=f"write '{name.upper()}'"):
        model.prompt("Hi", options={name: "x"})
    assert dict(model.Options(**{name.upper(): "x"})) == {name.upper(): "x"}


def test_models_that_are_known_take_what_they_take(tmp_path: Path) -> None:
    model = SpaceModel("qwen-2.5")
    with pytest.raises(SpaceError, match=r"space/qwen-2.5 takes no options: an app named by"):
        model.prompt("Hi", options={"Temperature": "1"}).text()
    with pytest.raises(SpaceError, match="takes no options"):
        model.prompt("Hi", endpoint="/chat").text()
    attachment = llm.Attachment(type="text/plain", content=b"a")
    with pytest.raises(SpaceError, match="takes no attachments"):
        model.prompt("Hi", attachments=[attachment]).text()


def test_errors_are_in_one_harmless_line() -> None:
    def fail(_: object) -> Iterator[str]:
        yield "Half"
        raise RuntimeError("out of\x1b[31m\nmemory")

    with LocalSpace("messages", fail) as space:
        response = SpaceModel(space.url).prompt("Hi")
        pieces = []
        with pytest.raises(llm.ModelError) as caught:
            pieces += list(response)
    assert str(caught.value).isprintable()
    assert "out of" in str(caught.value)
    cause = caught.value.__cause__
    assert isinstance(cause, errors.GenerationError)
    assert cause.partial_text == "Half"


@pytest.mark.parametrize("name", ["nonsense", "a b", "\x1b[31m", "x" * 3000])
def test_a_name_that_nothing_has(name: str) -> None:
    with pytest.raises(llm.ModelError, match="There is no model") as caught:
        SpaceModel(name).prompt("Hi").text()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


def test_leaving_early_tells_the_space_to_stop() -> None:
    with LocalSpace("messages", endless) as space:
        pieces = SpaceModel(space.url).prompt("Hi").stream_events()
        assert next(pieces) == StreamEvent("text", "ha ", part_index=0)
        pieces.close()
        wait_until(lambda: space.active == 0)
        assert len(cancels(space)) == 1


@pytest.mark.anyio
async def test_leaving_early_asynchronously() -> None:
    with LocalSpace("messages", endless) as space:
        pieces = AsyncSpaceModel(space.url).prompt("Hi").astream_events()
        assert (await anext_of(pieces)).chunk == "ha "
        await pieces.aclose()
        wait_until(lambda: space.active == 0)
        assert len(cancels(space)) == 1


async def anext_of(pieces: Any) -> StreamEvent:
    event: StreamEvent = await pieces.__anext__()
    return event


def test_two_prompts_of_a_model_at_once() -> None:
    """The second is asked on a page of its own, though both go on after the same answer."""
    both = threading.Barrier(2, timeout=60)

    def reply(request: ChatRequest) -> Iterator[str]:
        if "Two" in request.prompt:
            both.wait()
        yield "Yes"

    with LocalSpace("qwen-2.5-1m", reply) as space:
        model = SpaceModel(space.url)
        turns = [llm.user("One"), llm.assistant(model.prompt("One").text()), llm.user("Two")]
        texts: list[str] = []
        threads = [
            threading.Thread(target=lambda: texts.append(model.prompt(messages=list(turns)).text()))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert texts == ["Yes", "Yes"]
        assert len({each.json["session_hash"] for each in joins(space)}) == 2


def test_tools_and_schemas_are_refused_by_llm() -> None:
    model = SpaceModel("owner/name")
    with pytest.raises(ValueError, match="does not support schemas"):
        model.prompt("Hi", schema={"type": "object"})
    with pytest.raises(ValueError, match="does not support tools"):
        model.prompt("Hi", tools=[llm.Tool.function(len, name="len")])


def test_a_login_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with ChatForm(login=("ada", "secret")) as app:
        with pytest.raises(SpaceError, match="own: set SPACECHAT_AUTH to USER:PASSWORD"):
            SpaceModel(app.url).prompt("Hi").text()
        monkeypatch.setenv("SPACECHAT_AUTH", "ada:secret")
        response = SpaceModel(app.url).prompt("Hi", options={"Temperature": "1"})
        assert heard(response)["Temperature"] == 1
        assert "secret" not in json.dumps(response.json())
        monkeypatch.setenv("SPACECHAT_AUTH", "ada:wrong")
        with pytest.raises(SpaceError, match=r"did not take the user and password of SPACECHAT_AU"):
            SpaceModel(app.url).prompt("Hi").text()
        monkeypatch.setenv("SPACECHAT_AUTH", "secret")
        with pytest.raises(SpaceError, match="takes a user and a password") as caught:
            SpaceModel(app.url).prompt("Hi").text()
        assert "secret" not in str(caught.value).replace("ada:secret", "")


def test_a_password_in_an_address_is_neither_shown_nor_logged() -> None:
    with ChatForm() as app:
        model = SpaceModel(app.url.replace("://", "://ada:secret@"))
        response = model.prompt("Hi")
        assert heard(response)["question"] == "Hi"
        assert {each.header("authorization") for each in app.requests} == {"Basic YWRhOnNlY3JldA=="}
    assert model.model_id == f"space/{app.url}"
    assert "secret" not in f"{model!r} {vars(model)} {response.json()} {response.resolved_model}"
