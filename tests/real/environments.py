"""The environments of the Gradio servers, by version of Gradio."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests import environments

__all__ = ["REQUIREMENTS", "VERSIONS", "ZOO_VERSIONS", "environment"]

GRADIO_4: Final = "4.44.1"
GRADIO_5: Final = "5.50.0"
GRADIO_6: Final = "6.31.0"

#: Gradio 4 does not bound what it needs, and breaks with what came later.
_BEFORE_5: Final = (
    "fastapi==0.112.4",
    "starlette==0.38.6",
    "pydantic==2.10.6",
    "huggingface_hub<0.26",
    "audioop-lts; python_version >= '3.13'",
)

#: What each environment holds, beyond what these ask for themselves.
REQUIREMENTS: Final[dict[str, tuple[str, ...]]] = {
    "4.0.2": ("gradio==4.0.2", *_BEFORE_5),  # protocol sse
    "4.16.0": ("gradio==4.16.0", *_BEFORE_5),  # protocol sse_v1
    "4.19.2": ("gradio==4.19.2", *_BEFORE_5),  # protocol sse_v2
    "4.21.0": ("gradio==4.21.0", *_BEFORE_5),  # protocol sse_v2.1
    GRADIO_4: (f"gradio[oauth]=={GRADIO_4}", *_BEFORE_5),  # protocol sse_v3, as all that follow
    "5.0.2": ("gradio==5.0.2", *_BEFORE_5),
    GRADIO_5: (f"gradio[oauth]=={GRADIO_5}",),
    GRADIO_6: (f"gradio[oauth]=={GRADIO_6}",),
}

#: Environments for apps that need more than Gradio: the components that others publish.
WITH_COMPONENTS: Final[dict[str, tuple[str, ...]]] = {
    f"{GRADIO_4}+components": (
        "gradio==4.44.1",
        "modelscope_studio==0.5.1",
        "gradio_awsbr_mmchatbot==0.0.5",
        "gradio_rich_textbox==0.4.3",
        *_BEFORE_5,
    ),
    f"{GRADIO_5}+components": (
        "gradio==5.50.0",
        "modelscope_studio==1.6.1",
        "gradio_agentchatbot_5==0.0.13",
        "gradio_autopilot_chatbot==0.0.5",
        "gradio_richtext==0.0.8",
    ),
    "6.8.0+components": ("gradio==6.8.0", "modelscope_studio==2.0.3"),
}

#: The Gradio versions that tests run against, oldest first.
VERSIONS: Final = (GRADIO_4, GRADIO_5, GRADIO_6)

#: Those that need a NumPy that has no wheels for Python 3.13.
_OLD: Final = ("4.0.2", "4.16.0", "4.19.2", "4.21.0") if sys.version_info >= (3, 13) else ()

#: Those that the zoo of apps runs on: one of each protocol, the ends of each major version.
ZOO_VERSIONS: Final = tuple(version for version in REQUIREMENTS if version not in _OLD)


def environment(version: str) -> Path:
    """Return the Python of the environment that has this Gradio, making it if need be."""
    return environments.make(version, {**REQUIREMENTS, **WITH_COMPONENTS}[version])


if __name__ == "__main__":  # `python -m tests.real.environments` makes them ahead of the tests
    for each in map(environment, sys.argv[1:] or VERSIONS):
        print(each)
