"""Which address is a Space's, which secret goes there, and what a proxy on the way changes."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from spacechat import errors
from spacechat.settings import Settings
from spacechat.transport import credentials, http_client, line
from spacechat.transport.credentials import cookies_of, is_proxied, sign_in_token, token_for
from spacechat.transport.http_client import line_headers

HERE = "http://127.0.0.1:7860"
HUB = "https://owner-name.hf.space"
PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize("url", ["http://a.test", "https://a.test:65535/x?y", "HTTP://A.test:1"])
def test_an_address_of_a_space(url: str) -> None:
    assert credentials.space_address(url) == httpx.URL(url)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.test", "a.test", "http://", "http:///x", "http://a.test:65536", "http://a.test:x"],
)
def test_an_address_of_none(url: str) -> None:
    with pytest.raises(errors.SpaceUnavailableError) as caught:
        credentials.space_address(url)
    assert str(caught.value) == f"{url!r} is not the address of a Space: check it."


@pytest.mark.parametrize(
    ("url", "token", "proxied", "sent"),
    [
        (HERE, "hf_mine", False, "hf_mine"),
        (HERE, "hf_mine", True, None),  # Whose machine that is, the proxy says.
        ("https://127.0.0.1", "hf_mine", True, "hf_mine"),
        ("http://a.test", "hf_mine", False, None),
        (HERE, None, False, "hf_env"),
        (HERE, None, True, None),
        ("https://127.0.0.1", None, True, None),
        (HUB, None, True, "hf_env"),
        ("https://a.test", None, False, None),
    ],
)
def test_the_token_that_is_sent(
    url: str, token: str | None, proxied: bool, sent: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_env")
    assert token_for(httpx.URL(url), Settings(token=token), proxied=proxied) == sent


@pytest.mark.parametrize(("token", "says"), [("hf_mine", True), ("", False), (None, False)])
def test_that_it_is_not_sent_is_told(
    token: str | None, says: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert token_for(httpx.URL("http://a.test"), Settings(token=token), proxied=False) is None
    told = [each.getMessage() for each in caplog.records]
    words = "The token is not sent to a.test: plain http is read on the way."
    assert told == ([words] if says else [])


@pytest.mark.parametrize("url", [HERE, HUB])
def test_a_token_that_the_user_withholds(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even looked at."""
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    for token in ("hf_env", "no token: \u4f60"):
        monkeypatch.setenv("HF_TOKEN", token)
        assert token_for(httpx.URL(url), Settings(), proxied=False) is None


def test_an_address_of_the_spaces_own() -> None:
    """The same server, and the same user of it."""
    space = httpx.URL("http://me:secret@a.test/path")
    url = "http://me:secret@a.test:80/other?x"
    assert credentials.own_address(space, url) == httpx.URL(url)
    for elsewhere in (
        *("https://me:secret@a.test/", "http://me:secret@b.test/", "http://me:secret@a.test:81/"),
        *("http://a.test/", "http://you@a.test/", "/other", "http://a.test:x"),
    ):
        with pytest.raises(errors.ProtocolError, match="nothing was sent") as caught:
            credentials.own_address(space, elsewhere)
        assert "secret" not in str(caught.value)
        assert str(caught.value).startswith("http://a.test/path names ")


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("https://hub.example", True),
        ("https://huggingface.co", True),
        ("https://a.huggingface.co", True),
        (HUB, True),
        ("https://a.test", False),
        (HERE, False),
    ],
)
def test_the_saved_token_goes_to_the_hub(
    url: str, is_sent: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("hf_saved")
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example/hf")
    sent = token_for(httpx.URL(url), Settings(), proxied=False)
    assert sent == ("hf_saved" if is_sent else None)


class TestSigningIn:
    @pytest.mark.parametrize(
        ("url", "proxy"),
        [("https://a.test", None), ("https://a.test", PROXY), (HERE, None)],
    )
    def test_where_nobody_reads_it_on_the_way(self, url: str, proxy: str | None) -> None:
        settings = Settings(token="hf_mine", proxy=proxy)
        assert sign_in_token(httpx.URL(url), settings) == "hf_mine"

    @pytest.mark.parametrize(("url", "proxy"), [("http://a.test", None), (HERE, PROXY)])
    def test_where_somebody_does(self, url: str, proxy: str | None) -> None:
        with pytest.raises(errors.AuthenticationError, match="plain http"):
            sign_in_token(httpx.URL(url), Settings(token="hf_mine", proxy=proxy))

    def test_whose_token_it_is(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """The client's, then the environment's, then the one that was saved."""
        space = httpx.URL("https://a.test")
        monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
        with pytest.raises(errors.AuthenticationError, match="there is none"):
            sign_in_token(space, Settings())
        (tmp_path / "token").write_text("hf_saved")
        assert sign_in_token(space, Settings()) == "hf_saved"
        monkeypatch.setenv("HF_TOKEN", "hf_env")
        assert sign_in_token(space, Settings()) == "hf_env"
        assert sign_in_token(space, Settings(token="hf_mine")) == "hf_mine"
        with pytest.raises(errors.AuthenticationError, match="there is none"):
            sign_in_token(space, Settings(token=""))


@pytest.mark.parametrize(
    ("url", "proxy", "environment", "proxied"),
    [
        (HERE, None, {}, False),
        (HERE, PROXY, {}, True),
        (HERE, PROXY, {"NO_PROXY": "*"}, True),
        (HERE, None, {"HTTP_PROXY": PROXY}, True),
        (HUB, None, {"HTTP_PROXY": PROXY}, False),
        (HUB, None, {"HTTPS_PROXY": PROXY}, True),
        (HUB, None, {"ALL_PROXY": PROXY}, True),
        (HERE, None, {"ALL_PROXY": PROXY, "NO_PROXY": "*"}, False),
        (HERE, None, {"ALL_PROXY": PROXY, "NO_PROXY": "a.test, 127.0.0.1"}, False),
        (HERE, None, {"ALL_PROXY": PROXY, "NO_PROXY": "a.test"}, True),
        (HERE, None, {"NO_PROXY": "a.test"}, False),
    ],
)
def test_whether_a_proxy_may_be_on_the_way(
    url: str,
    proxy: str | None,
    environment: dict[str, str],
    proxied: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_proxied(httpx.URL(url), proxy) is proxied


def test_cookies_that_a_response_sets() -> None:
    """What is no header's value is left out, and their attributes are not sent back."""
    headers = [
        (b"set-cookie", b"a=1; Path=/; Secure"),
        (b"set-cookie", b"b=2 ; Path=/"),
        (b"set-cookie", b"c=\xff"),
        (b"set-cookie", b"d=4"),
    ]
    found = cookies_of(httpx.Response(200, headers=headers))
    assert found == "a=1; b=2; d=4"
    assert "a=1" not in repr(found)
    assert cookies_of(httpx.Response(200)) == ""


class TestHeaders:
    """Of every request of a line."""

    def headers(self, given: dict[str, str], *, anonymous: bool = False) -> dict[str, str]:
        settings = Settings(token="hf_mine", headers=given)
        page = {"Origin": "https://b\u00fccher.test", "Referer": "https://a.test/b\u00fccher"}
        found = line_headers(
            httpx.URL("https://a.test"), settings, page, proxied=False, anonymous=anonymous
        )
        assert found.pop("origin") == "https://xn--bcher-kva.test"
        assert found.pop("referer") == "https://a.test/b%C3%BCcher"
        assert found.pop("accept-encoding") == "identity"
        return found

    def test_the_callers_come_before_ours(self) -> None:
        assert self.headers({"Authorization": "Basic x", "X": "y"}) == {
            "user-agent": http_client._USER_AGENT,
            "authorization": "Basic x",
            "x": "y",
        }
        assert self.headers({"User-Agent": "mine/1"}) == {
            "user-agent": "mine/1",
            "authorization": "Bearer hf_mine",
        }

    def test_an_anonymous_request_has_nothing_of_the_client(self) -> None:
        found = self.headers({"Authorization": "Basic x", "X": "y"}, anonymous=True)
        assert found == {"user-agent": http_client._USER_AGENT}

    def test_without_a_token(self) -> None:
        space = httpx.URL("https://a.test")
        for token in ("", None):
            found = line_headers(space, Settings(token=token), {}, proxied=False, anonymous=False)
            assert "authorization" not in found


def test_all_connections_share_one_tls_context() -> None:
    assert http_client.tls_context() is http_client.tls_context()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY"])
def test_a_proxy_of_the_environment_is_part_of_a_key(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was connected by way of another one is not used, nor what had none at all."""
    space = httpx.URL("http://a.test")
    keys = {line._key(space, Settings(), [], proxied=False)}
    for port in (1, 2):
        monkeypatch.setenv(variable, f"http://proxy.example:{port}")
        keys.add(line._key(space, Settings(), [], proxied=True))
    keys.add(line._key(space, Settings(proxy=PROXY), [], proxied=True))
    assert len(keys) == 4
