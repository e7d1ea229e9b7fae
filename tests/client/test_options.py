"""The options of a question: the same in every signature, and an error that lists them."""

from __future__ import annotations

import inspect
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, cast, get_type_hints

import pytest

import spacechat
from spacechat import Limits, Prompt, Timeout, errors, sync
from spacechat.apps.options import NO_OPTIONS, Options
from spacechat.local import ChatRequest, LocalSpace
from spacechat.providers import ChatOptions, GradioChat, Qwen_Qwen_2_72B
from spacechat.settings import Settings

NAMES = [*Options.__struct_fields__]
TAKERS: dict[str, Callable[..., Any]] = {
    **{
        f"{cls.__name__}.{name}": getattr(cls, name)
        for cls in (spacechat.AsyncClient, spacechat.Client)
        for name in ("stream", "ask", "map", "conversation")
    },
    **{
        f"{cls.__name__}.{name}": getattr(cls, name)
        for cls in (spacechat.AsyncChat, spacechat.Chat)
        for name in ("stream", "ask")
    },
    "stream": spacechat.stream,
    "ask": spacechat.ask,
    "Prompt": Prompt,
    "create_async_generator": GradioChat.create_async_generator,
    "create_generator": sync.GradioChat.create_generator,
}

each_taker = pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS.keys())


@each_taker
def test_every_option_stands_in_the_signature(taker: Callable[..., Any]) -> None:
    parameters = inspect.signature(taker).parameters
    options = [name for name in parameters if name in NAMES]
    if "generator" in taker.__name__:  # The name `timeout` was there before there were options.
        options = [name for name in NAMES if name in parameters]
    assert options == NAMES
    for each in parameters.values():
        assert each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
        if each.name in NAMES:
            assert each.kind is each.KEYWORD_ONLY
            assert f"{each.name}: " in (taker.__doc__ or "")
    hints = get_type_hints(taker.__init__ if isinstance(taker, type) else taker)  # type: ignore[misc]
    assert Any not in [hints[name] for name in NAMES]


def test_a_dict_of_options_has_the_same_names() -> None:
    assert list(get_type_hints(ChatOptions)) == NAMES


class Recorder(GradioChat):
    """Keeps the options that it is asked with."""

    url = "http://127.0.0.1:9"
    given: ClassVar[list[Options]] = []

    @classmethod
    def exchange(cls, messages: Any, *, options: Options = NO_OPTIONS, **others: Any) -> Any:
        cls.given.append(options)
        return super().exchange(messages, options=options, **others)


ALL: ChatOptions = {
    "system": "Be brief.",
    "files": [b"file"],
    "inputs": {"a": 1},
    "wishes": {"temperature": 0.5},
    "timeout": 5.0,
    "history": "native",
    "endpoint": "/chat",
    "output": "Answer",
    "auth": ("ada", "secret"),
    "sign_in": True,
    "repair": False,
}


@pytest.mark.parametrize("name", ["stream", "chat", "chat_later", "map", "prompt", "generator"])
def test_each_option_arrives_as_itself(name: str) -> None:
    """Options are handed on by position, so each must be in its place."""
    Recorder.given.clear()
    with spacechat.Client(retries=0) as client:
        if name == "stream":
            client.stream("Hi", provider=Recorder, **ALL).close()
        elif name == "chat":
            client.conversation(provider=Recorder, **ALL).stream("Hi").close()
        elif name == "chat_later":
            chat = client.conversation(provider=Recorder, history="prompt", sign_in=False)
            chat.stream("Hi", **ALL).close()
        elif name == "map":
            list(client.map(["Hi"], provider=Recorder, **ALL))
        elif name == "prompt":
            list(client.map([Prompt("Hi", **ALL)], provider=Recorder, history="prompt"))
        else:
            Recorder.create_async_generator("Hi", **cast("Any", ALL))
    assert Recorder.given
    assert {each: getattr(Recorder.given[0], each) for each in NAMES} == ALL


def test_an_option_that_a_subclass_hands_on() -> None:
    class Own(spacechat.Client):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)

    with pytest.raises(TypeError, match=r"Client\(\) takes no option 'modle'.*It takes 'model', "):
        Own(modle="a/b")


@each_taker
def test_an_unknown_option_lists_those_that_there_are(taker: Callable[..., Any]) -> None:
    with pytest.raises(TypeError) as caught:
        call(taker, sytem="Be brief.")
    said = str(caught.value)
    assert "takes no option 'sytem'. Did you mean 'system'? It takes " in said
    assert all(repr(name) in said for name in NAMES)
    with pytest.raises(TypeError, match=r"Settings go into wishes=\{'temperature': \.\.\.\}\."):
        call(taker, temperature=0.5)
    with pytest.raises(TypeError, match=r"set by inputs=\{'voice': \.\.\.\}\."):
        call(taker, voice="low")


def call(taker: Callable[..., Any], **options: Any) -> None:
    """Call a function, or a method of an object that is made for it."""
    owner = taker.__qualname__.partition(".")[0]
    if taker is Prompt:
        Prompt("Hi", **options)
    elif not inspect.ismethod(taker) and owner in ("Client", "Chat", "AsyncClient", "AsyncChat"):
        client = getattr(spacechat, owner.replace("Chat", "Client"))()
        subject = client.conversation() if "Chat" in owner else client
        found = taker(subject, "Hi", **options)
        if inspect.iscoroutine(found):
            found.send(None)
    else:
        taker("Hi", **options)


@each_taker
@pytest.mark.parametrize("option", ["auth", "model", "atuh"])
def test_no_traceback_shows_a_login(taker: Callable[..., Any], option: str) -> None:
    """Whoever mistypes an option: neither its own value, nor those of others."""
    secret = "hunter2-secret"
    login = f"http://ada:{secret}@a.b" if option == "model" else ("ada", secret)
    parameter = inspect.signature(taker).parameters.get(option)
    is_taken = parameter is None or parameter.kind is parameter.KEYWORD_ONLY
    with pytest.raises(TypeError, match="takes no option") as caught:
        call(taker, nothing=1, **({option: login} if is_taken else {}))
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    ours = [each for each in frames if "/spacechat/" in each.f_code.co_filename]
    assert ours
    for frame in ours:
        assert secret not in repr({k: v for k, v in frame.f_locals.items() if k != "self"})


@pytest.mark.parametrize("client", [spacechat.Client, spacechat.AsyncClient])
@pytest.mark.parametrize(
    ("given", "named", "says"),
    [
        (("http://ada:hunter2@a.b",), {}, r"takes its options by name, as in \w+\(model='owner/"),
        (
            (),
            {"modle": "http://ada:hunter2@a.b"},
            r"takes no option 'modle'\. Did you mean 'model'",
        ),
        ((), {"hf_token": "hunter2"}, r"Did you mean 'token'\? It takes 'model', 'token'"),
        ((), {"api_key": "hunter2"}, r"A Hugging Face token is a client's token="),
    ],
)
def test_what_a_client_takes(
    client: Any, given: tuple[str, ...], named: dict[str, str], says: str
) -> None:
    with pytest.raises(TypeError, match=says) as caught:
        client(*given, token="hunter2", **named)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [each for each in told.stack if "/spacechat/" in each.filename]
    assert ours
    assert not any("hunter2" in repr(frame.locals) for frame in ours)


@pytest.mark.parametrize(
    ("taker", "given", "says"),
    [
        (Timeout, {"total": "5"}, "timeout: total takes a number of seconds or None, not str"),
        (Timeout, {"idle": True}, "timeout: idle takes a number of seconds or None, not bool"),
        (Limits, {"answer": "5"}, "limits: answer takes a whole number, not str"),
        (Limits, {"edits": 2.5}, "limits: edits takes a whole number, not float"),
        (spacechat.Client, {"limits": 5}, "limits= takes .*Limits.*, not a value of type int"),
        (spacechat.Client, {"retries": "2"}, "retries= takes a whole number, not .* type str"),
    ],
)
def test_settings_of_a_wrong_type(taker: Any, given: dict[str, Any], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        taker(**given)


def test_what_other_libraries_take() -> None:
    with spacechat.Client() as client:
        with pytest.raises(TypeError, match=r"client\.stream gives an answer as it comes"):
            client.ask("Hi", stream=True)  # type: ignore[call-arg]
        with pytest.raises(errors.InputsError, match=r"a list, too: files=\['photo\.jpg'\]"):
            client.ask("Hi", files="photo.jpg")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"limit": 2.5}, "limit takes a whole number, not float"),
        ({"limit": "3"}, "limit takes a whole number, not str"),
        ({"limit": True}, "limit takes a whole number, not bool"),
        ({"timeout": None}, "timeout takes a number of seconds, not NoneType"),
        ({"timeout": "5"}, "timeout takes a number of seconds, not str"),
        ({"limti": 3}, "takes no option 'limti'. Did you mean 'limit'"),
    ],
)
def test_what_find_takes(arguments: dict[str, Any], says: str) -> None:
    """It is said before anybody is asked."""
    with spacechat.Client() as client, pytest.raises(TypeError, match=says):
        client.find("x", **arguments)


def test_a_provider_lists_what_it_takes() -> None:
    for client in (spacechat.Client(), spacechat.AsyncClient()):
        with pytest.raises(
            TypeError, match=r"takes no option 'inputs'\. It takes 'system', 'wishes', 'timeout'"
        ):
            client.stream("Hi", provider=Qwen_Qwen_2_72B, inputs={"a": 1})
        with pytest.raises(TypeError, match="takes no option 'endpoint'"):
            client.map(["Hi"], provider=Qwen_Qwen_2_72B, endpoint=0)
    with spacechat.Client() as client:
        # What has its default was not given.
        client.stream("Hi", provider=Qwen_Qwen_2_72B, files=[], inputs={}, sign_in=False).close()


@pytest.mark.parametrize(
    ("option", "value"),
    [("system", 1), ("timeout", "5"), ("timeout", True), ("files", "a.txt"), ("sign_in", "yes")],
)
def test_an_option_of_a_wrong_type(option: str, value: object) -> None:
    given: Any = {option: value}
    for client in (spacechat.Client(), spacechat.AsyncClient()):
        with pytest.raises(errors.InputsError, match=rf"{option}= takes "):
            client.stream("Hi", **given)
        with pytest.raises(errors.InputsError, match=rf"{option}= takes "):
            client.map(["Hi"], **given)
    with pytest.raises(errors.InputsError, match=rf"{option}= takes "):
        Prompt("Hi", **given)


# A system text


def answer(request: ChatRequest) -> list[str]:
    return [f"{request.system!r} {request.prompt!r} {len(request.history)}"]


def test_a_system_text_beside_the_messages() -> None:
    with LocalSpace("qwen-2-72b", answer) as space, spacechat.Client() as client:
        provider = sync.Qwen_Qwen_2_72B.at(space.url)

        def ask(messages: Any, **options: Any) -> spacechat.Reply:
            return client.ask(messages, provider=provider, history="native", **options)

        first = ask("Hi", system="Be brief.")
        assert first.text == "'Be brief.' 'Hi' 0"
        assert first.conversation.messages[0] == {"role": "system", "content": "Be brief."}
        again = ask("So?", system="Be brief.", conversation=first.conversation)
        assert again.text == "'Be brief.' 'So?' 2"
        other = ask("So?", system="Be kind.", conversation=first.conversation)
        assert other.text == "'Be kind.' 'So?' 2"
        assert first.conversation.messages[0]["content"] == "Be brief."
        none = ask("So?", system="", conversation=first.conversation)
        assert none.text == "'' 'So?' 2"
        with pytest.raises(errors.MessagesError, match="give one of them"):
            ask([{"role": "system", "content": "A"}, {"role": "user", "content": "B"}], system="C")
        chat = client.conversation(provider=provider, system="Be brief.", history="native")
        assert chat.messages == ({"role": "system", "content": "Be brief."},)
        assert chat.ask("Hi").text == "'Be brief.' 'Hi' 0"
        assert chat.ask("So?", system="Be kind.").text == "'Be kind.' 'So?' 2"
        (result,) = client.map(["Hi"], provider=provider, system="Be brief.")
        assert str(result.reply) == "'Be brief.' 'Hi' 0"
        (result,) = client.map([Prompt("Hi", system="Own")], provider=provider, system="All's")
        assert str(result.reply) == "'Own' 'Hi' 0"


# A timeout


def test_a_timeout_comes_before_the_clients() -> None:
    ends = threading.Event()

    def slow(_: ChatRequest) -> Iterator[str]:
        yield "Hel"
        ends.wait(100)

    total = Timeout(total=0.3)
    with LocalSpace("qwen-2-72b", slow) as space, spacechat.Client() as client:
        provider = sync.Qwen_Qwen_2_72B.at(space.url)
        for ask in (
            lambda: client.ask("Hi", provider=provider, timeout=total),
            lambda: list(client.stream("Hi", provider=provider, timeout=total)),
            lambda: client.conversation(provider=provider, timeout=total).ask("Hi"),
            lambda: client.conversation(provider=provider).ask("Hi", timeout=total),
        ):
            with pytest.raises(errors.StreamTimeoutError, match=r"0\.3 seconds"):
                ask()
        for found in (
            client.map(["Hi"], provider=provider, timeout=total),
            client.map([Prompt("Hi", timeout=total)], provider=provider),
        ):
            (result,) = found
            assert isinstance(result.error, errors.StreamTimeoutError)
        ends.set()


def test_a_number_keeps_the_total() -> None:
    settings = Settings(timeout=Timeout(total=9.0))
    assert settings.with_timeout(2).timeout == Timeout(connect=2, idle=2, total=9.0)
    assert settings.with_timeout(Timeout(idle=1.0)).timeout == Timeout(idle=1.0)
    assert settings.with_timeout(None) is settings
