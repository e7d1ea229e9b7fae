"""What real apps refuse and fail at, and what is said of it."""

from __future__ import annotations

import pytest

import spacechat
from spacechat import errors
from tests.conftest import BACKENDS
from tests.real.environments import VERSIONS
from tests.real.servers import MoreServer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real,
    pytest.mark.parametrize(
        ("more_server", "anyio_backend"),
        [
            pytest.param(version, *backend.values, id=f"gradio-{version}-{backend.id}")
            for version, backend in zip(VERSIONS, BACKENDS, strict=True)
        ],
        indirect=["more_server"],
    ),
]


async def test_an_unqueued_function(more_server: MoreServer) -> None:
    async with spacechat.AsyncClient(retries=0) as client:
        assert (await client.ask("Hi", model=more_server.url("raises"))).text == "You said Hi."
        with pytest.raises(errors.GenerationError, match="That is not possible") as told:
            await client.ask("gr.Error", model=more_server.url("raises"))
        with pytest.raises(errors.GenerationError, match="hides errors") as hidden:
            await client.ask("ValueError", model=more_server.url("raises"))
    for caught in (told, hidden):
        assert caught.value.status == 500
        assert "may have changed" not in str(caught.value)


async def test_a_validator(more_server: MoreServer) -> None:
    url = more_server.url("validated")
    async with spacechat.AsyncClient(retries=0) as client:
        assert (await client.ask("Hello", model=url)).text == "You said Hello."
        if int(more_server.version.partition(".")[0]) < 5:  # It knows no validators.
            assert (await client.ask("Hi", model=url)).text == "You said Hi."
            return
        with pytest.raises(errors.InputsError, match="message: It is too short") as caught:
            await client.ask("Hi", model=url)
    assert caught.value.status == 422
