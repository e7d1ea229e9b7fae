"""An app's endpoints for people to read, and for programs as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import markup
from .endpoints import Endpoint
from .known import KnownApp


@dataclass(frozen=True, repr=False)
class AppView:
    """The endpoints that an app lists; as a string, and typed at a prompt, a text.

    Attributes:
        url: The app's address.
        version: The version of Gradio.
        endpoints: The endpoints, by their names or numbers.
    """

    url: str
    version: str
    endpoints: Mapping[str, Endpoint]

    @classmethod
    def of(cls, known: KnownApp, endpoints: Mapping[str, Endpoint]) -> AppView:
        """Return the view of an app."""
        listed = {key: each for key, each in endpoints.items() if each.documented}
        return cls(known.url, known.app.version, listed)

    def json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "url": self.url,
            "version": self.version,
            "endpoints": [each.to_dict() for each in self.endpoints.values()],
        }

    def __str__(self) -> str:
        lines = [self._title]
        for endpoint in self.endpoints.values():
            lines += ["", str(endpoint), textwrap.indent(endpoint.doc, "    ")]
        return "\n".join(lines if self.endpoints else [*lines, "", "It lists no endpoints."])

    __repr__ = __str__

    @property
    def _title(self) -> str:
        return f"{self.url} (Gradio {self.version})"

    def _repr_html_(self) -> str:
        rows = [(self._title, "")]
        for endpoint in self.endpoints.values():
            rows.append((str(endpoint), endpoint.description))
            rows += [("", str(each)) for each in endpoint.parameters]
        return markup.table(rows, head=("endpoint", "what it does and takes"))
