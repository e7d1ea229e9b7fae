"""What the classes of the known Spaces can do without a request."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from spacechat import errors
from spacechat.providers import GradioChat
from tests.samples import SHAPES, SPACE


class TestProviderClasses:
    def test_get_model(self) -> None:
        for provider, _ in SHAPES:
            default = provider.default_model
            (alias,) = provider.models
            assert provider.get_model(default) == default
            assert provider.get_model(alias) == default
            assert provider.get_model("") == default
            assert provider.get_model(None) == default
            assert provider.get_model() == default
            with pytest.raises(errors.ModelNotFoundError, match="gpt-5") as caught:
                provider.get_model("gpt-5")
            assert alias in str(caught.value)

    def test_what_is_no_name_of_a_model(self) -> None:
        wrong: Any = ["qwen-2-72b"]
        with pytest.raises(errors.ModelNotFoundError, match="no model"):
            SPACE.get_model(wrong)

    def test_models(self) -> None:
        """They are the names that people use, of a class that somebody declares as well."""

        class Mine(SPACE):
            model_aliases: ClassVar[Mapping[str, str]] = {"one": SPACE.default_model, "two": "x"}

        assert Mine.models == ["one", "two"]
        assert GradioChat.at("http://127.0.0.1:1").models == []

    def test_title(self) -> None:
        class Labelled(SPACE):
            label = "Mine"

        class Titled(SPACE):
            label, title = "Mine", "My model"

        class Same(SPACE):
            default_model = "mine"

        assert (Labelled.title, Titled.title, Same.title) == ("Mine", "My model", SPACE.title)
        assert SPACE.at("http://127.0.0.1:1").title == SPACE.title

    def test_the_name_of_no_model_may_be_an_address(self) -> None:
        with pytest.raises(errors.ModelNotFoundError, match=r"'http://a\.b'") as caught:
            SPACE.get_model("http://ada:secret@a.b")
        told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        assert "secret" not in str(caught.value)
        assert "secret" not in repr(told.stack[-1].locals)

    def test_at(self) -> None:
        copy = SPACE.at("https://someone-duplicate.hf.space/")
        assert copy.url == "https://someone-duplicate.hf.space"
        assert issubclass(copy, SPACE)
        assert copy.__name__ == SPACE.__name__
        assert copy.__doc__ == SPACE.__doc__
        assert "someone-duplicate" in repr(copy)
        again = copy.at("http://127.0.0.1:7860")
        assert again.url == "http://127.0.0.1:7860"
        assert SPACE.url == "https://qwen-qwen2-72b-instruct.hf.space"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "qwen-2.5",
            "ftp://host",
            "http://",
            "https:///path",
            "//host",
            "http://[::1",
            "owner/name",
        ],
    )
    def test_at_an_address_that_is_none(self, url: str) -> None:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            SPACE.at(url)
        assert str(caught.value).startswith(f"{url!r} is not the address of a Space: ")

    def test_no_traceback_shows_the_login_of_an_address(self) -> None:
        for address in ("https://ada:hunter2@huggingface.co/docs", "ftp://ada:hunter2@host"):
            with pytest.raises(errors.SpaceChatError) as caught:
                GradioChat.at(address)
            told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
            ours = [each for each in told.stack if "/spacechat/" in each.filename]
            assert ours
            assert not any("hunter2" in repr(frame.locals) for frame in ours)

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickle(self, protocol: int) -> None:
        for provider, _ in SHAPES:
            assert pickle.loads(pickle.dumps(provider, protocol)) is provider
            copy = pickle.loads(pickle.dumps(provider.at("http://127.0.0.1:1"), protocol))
            assert copy.url == "http://127.0.0.1:1"
            assert copy.original is provider
            assert copy.models == provider.models
            assert type(pickle.loads(pickle.dumps(provider(), protocol))) is provider
