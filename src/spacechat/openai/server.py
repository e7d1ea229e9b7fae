"""The API as a server: uvicorn in a thread of its own, which runs the application."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from ..addresses import is_loopback
from ..client.client import AsyncClient
from ..hidden import Hidden
from ..transport.connection import CLOSING
from .api import Api
from .app import App
from .bounds import Bounds
from .logins import Auth

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..local.serving import ServerThread


class Server:
    """A server of the OpenAI API, which takes its answers from Spaces.

    Use it in `with`, or call `start` and `close`. It runs in a thread of its own. Each object runs
    once.

    When a client goes away, its answer is stopped at the Space. If no key is set, a request that a
    page of another site makes in a browser is refused.

    Args:
        client: The client that asks the Spaces. None: a client of its own.
        models: The models that may be asked for, or names with the model that each stands for, as
            in `{"fast": "owner/name"}`. None: any that spacechat knows or finds. Then
            clients can have this machine make requests to any address, and public Spaces run by
            other people get the environment's `HF_TOKEN`.
        auth: User and password of an app that has a login of its own: the one that `models` names
            by its address or its Space's id. For several apps, a mapping with those of each by the
            name that `models` gives it. A login goes to no other app.
        api_key: The key that requests must bring, as `Authorization: Bearer KEY`. None: none.
        host: The address to listen on.
        port: The port; 0 for any free one.
        bounds: How much it takes at a time.

    Raises:
        ValueError: The host is not this machine's loopback, and no key is set; the key has
            characters that no header has; or `auth` is given, and `models` doesn't name just one
            app, or not those that it names.
        InputsError: A login is no pair of texts.
        ModelNotFoundError: There is no such model.
        SpaceUnavailableError: A model's address can't be used.
    """

    def __init__(
        self,
        client: AsyncClient | None = None,
        *,
        models: Sequence[str] | Mapping[str, str] | None = None,
        auth: Auth | None = None,
        api_key: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        bounds: Bounds | None = None,
    ) -> None:
        key = Hidden.of(api_key) or None
        if key is None and not is_loopback(host):
            raise ValueError(
                f"{host} is not this machine alone: set a key that requests bring, api_key=KEY."
            )
        if key is not None and not (key.isascii() and key.isprintable()):
            raise ValueError("The API key has characters that no key has.")
        bounds = bounds or Bounds()
        api = Api(models, auth, bounds)
        self._app = App(client or AsyncClient(), api, key, bounds)
        self._host = host
        self._port = port
        self._url: str | None = None
        self._thread: ServerThread | None = None

    @property
    def url(self) -> str:
        """The API's address, as in `http://127.0.0.1:43121/v1`.

        Raises:
            RuntimeError: The server was not started, so it has no address yet.
        """
        if self._url is None:
            raise RuntimeError("The server has no address before it starts; use it in `with`.")
        return self._url

    def start(self) -> None:
        """Start the server; return when it accepts connections.

        Raises:
            ImportError: uvicorn is not installed.
            OSError: The address can't be listened on, as when the port is in use.
            RuntimeError: This object was started before.
        """
        if self._url is not None:
            raise RuntimeError("This server was started before; make a new one for each use.")
        try:
            importlib.import_module("uvicorn")
        except ImportError as exc:
            raise ImportError(
                'The server needs uvicorn: python -m pip install "spacechat[openai]"', name=exc.name
            ) from exc
        from ..local.serving import ServerThread, address, listen

        sock = listen(self._host, self._port)
        self._url = f"{address(self._host, sock)}/v1"
        self._thread = ServerThread(
            self._app,
            sock,
            "spacechat-openai",
            patience=2 * CLOSING,
            connections=self._app.connections,
        )
        self._thread.start()

    def close(self) -> None:
        """Stop the server and its answers. Further calls do nothing."""
        if self._thread is not None:
            self._thread.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Server {self._url or 'not started'}>"
