"""Any chat Space, asked as its page would ask it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from ..addresses import without_user
from ..apps import App, find_way
from ..apps.ask import Asked, ask_app
from ..apps.files import open_files
from ..apps.hub import is_hub_page, space_id, space_url
from ..apps.known import Apps
from ..apps.options import NO_OPTIONS, Options
from ..apps.page import current_page
from ..errors import ChatNotFoundError, ModelNotFoundError, ProtocolError
from ..hidden import Hidden
from ..messages import Conversation, MessagesLike, continued, parse_messages, with_system
from ..protocol.budget import json_length
from ..steps import Exchange
from .base import AsyncAskable


class GradioChat(AsyncAskable):
    """A chat app of which nothing is known but its page.

    `GradioChat.at(url)` is the provider for one app, where the URL is its address (`http://` may be
    left out for this machine, `https://` for any other), its Space's id (`owner/name`) or the
    address of the Space's page on the Hub.
    """

    label: ClassVar[str] = "Gradio chat"
    default_model: ClassVar[str] = ""
    model_aliases: ClassVar[Mapping[str, str]] = {}
    supports_message_history = True

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.default_model = space_id(cls.url) or cls.url

    @classmethod
    def _address(cls, url: str) -> str:
        space = space_id(url)
        if space is not None:
            return space_url(space)
        address = Hidden(super()._address(url))
        if is_hub_page(address):
            raise ModelNotFoundError(
                f"{without_user(address)[:200]!r} is a page of the Hub, but not of a Space: name a "
                "Space (owner/name), which runs an app."
            )
        return address

    @classmethod
    def exchange(
        cls,
        messages: MessagesLike,
        *,
        model: str | None = None,
        conversation: Conversation | None = None,
        apps: Apps | None = None,
        options: Options = NO_OPTIONS,
    ) -> Exchange:
        """Return the exchange that asks the app by its description of itself.

        Args:
            messages: The question, or a conversation that ends with one.
            model: The app's address as `default_model` has it, or None.
            conversation: An earlier conversation to go on with, or None.
            apps: The apps that the client knows; None knows none.
            options: The options of the question; all are taken.

        Raises:
            MessagesError: The messages can't be sent.
            InputsError: A file can't be sent.
        """
        place = replace(cls.place(), auth=options.auth)
        known = Apps() if apps is None else apps
        new, earlier = with_system(options.system, parse_messages(messages), conversation)
        page = current_page(earlier)
        going_on = Conversation(
            session_hash="" if earlier is None else earlier.session_hash,
            messages=continued(earlier, new),
            model=cls.get_model(model),
            url=cls.url,
        )
        files = open_files(options.files or ())
        asked = Asked(place, known, options, going_on, new, files, page)
        return Exchange(
            provider=cls,
            model=cls.default_model,
            conversation=going_on,
            steps=lambda budget: ask_app(asked, budget),
            brought=json_length([going_on.messages, options.inputs]),
        )

    @classmethod
    def misfit(cls, app: App) -> str | None:
        """Return in words why no way to chat is found in the app, or None if one is."""
        try:
            find_way(app)
        except (ChatNotFoundError, ProtocolError) as exc:
            return str(exc)
        return None
