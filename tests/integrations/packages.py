"""The packages, and how a fault of a Space shows in each; the page says what a user types.

After a change, run `python -m tests.integrations.table`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

from tests import environments

TRIED = "29 November 2026"
"""The day on which these versions were the newest."""


@dataclass(frozen=True)
class Errors:
    """The errors that the users of a package get.

    Attributes:
        unknown: For a model that nobody serves.
        failed: Where a Space fails, and the whole answer was awaited.
        cut: Where a Space fails, and pieces of the answer were there already; None where there are
            no pieces.
        full: Where a Space's queue is full.
        refused: Where the package asks for tools, or for an answer by a schema.
    """

    unknown: str
    failed: str
    cut: str | None
    full: str
    refused: str


@dataclass(frozen=True)
class Package:
    """A package.

    Attributes:
        title: Its name for people, the heading of its section.
        name: Its name on PyPI.
        version: The version that is tested.
        errors: What its users get where something is wrong.
        extra: The extra to install.
        beside: What else is installed, beyond what these ask for themselves.
        settings: Variables of the environment that keep it from asking others.
        since: The first Python that it runs on.
        over: The part of the API that it asks, such as `responses`; empty for chat completions.
    """

    title: str
    name: str
    version: str
    errors: Errors
    extra: str = ""
    beside: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    since: tuple[int, int] = (3, 10)
    over: str = ""

    @property
    def key(self) -> str:
        """Its name in the page's comments, such as `litellm`, or `litellm/responses`."""
        return f"{self.name}/{self.over}" if self.over else self.name

    def python(self) -> Path:
        """Return the Python of its environment, making that if need be."""
        # The transports need the library, whose source is put on the path.
        own = [each for each in metadata.requires("spacechat") or () if "extra ==" not in each]
        wanted = f"{self.name}{self.extra}=={self.version}"
        return environments.make(self.name, (wanted, *self.beside, *sorted(own)))


_OPENAI = Errors(
    unknown="openai.NotFoundError",
    failed="openai.InternalServerError",
    cut="openai.APIError",
    full="openai.InternalServerError",
    refused="openai.BadRequestError",
)
"""Those of the `openai` package, which some let through."""

_LANGCHAIN = Errors(
    unknown="langchain_openai.chat_models.base.OpenAIModelNotFoundError",
    failed="langchain_openai.chat_models.base.OpenAIAPIError",
    cut="openai.APIError",
    full="langchain_openai.chat_models.base.OpenAIAPIError",
    refused="langchain_openai.chat_models.base.OpenAIInvalidRequestError",
)

_LITELLM = Errors(
    unknown="litellm.NotFoundError",
    failed="litellm.BadGatewayError",
    cut="litellm.exceptions.MidStreamFallbackError",
    full="litellm.ServiceUnavailableError",
    refused="litellm.BadRequestError",
)

_PYDANTIC_AI = Errors(
    unknown="pydantic_ai.exceptions.ModelNotFoundError",
    failed="pydantic_ai.exceptions.ModelServerError",
    cut="pydantic_ai.exceptions.ModelServerError",
    full="pydantic_ai.exceptions.ModelUnavailableError",
    refused="pydantic_ai.exceptions.ModelRequestRejectedError",
)

_HUB = Errors(
    unknown="huggingface_hub.errors.HfHubHTTPError",
    failed="huggingface_hub.errors.HfHubHTTPError",
    cut="huggingface_hub.errors.UnknownError",
    full="huggingface_hub.errors.HfHubHTTPError",
    refused="huggingface_hub.errors.BadRequestError",
)

_INSTRUCTOR = Errors(
    unknown="instructor.v2.core.errors.InstructorRetryException",
    failed="instructor.v2.core.errors.InstructorRetryException",
    cut=None,
    full="instructor.v2.core.errors.InstructorRetryException",
    refused="instructor.v2.core.errors.InstructorRetryException",
)

_PACKAGE_3 = "openai==3.57.0"


def _both_ways(package: Package, errors: Errors) -> tuple[Package, Package]:
    """Return a package as it asks for chat completions, and as it asks `/v1/responses`.

    Args:
        package: The first.
        errors: What the users of the second get.
    """
    return package, replace(package, over="responses", errors=errors)


PACKAGES = (
    *_both_ways(
        Package("LangChain", "langchain-openai", "1.7.4", _LANGCHAIN, beside=(_PACKAGE_3,)),
        replace(_LANGCHAIN, cut="builtins.ValueError"),
    ),
    Package(
        "LlamaIndex",
        "llama-index-llms-openai-like",
        "0.8.1",
        _OPENAI,
        beside=("openai==2.54.0",),
    ),
    *_both_ways(
        Package(
            "LiteLLM",
            "litellm",
            "1.110.2",
            _LITELLM,
            beside=(_PACKAGE_3,),
            settings={"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        ),
        _LITELLM,
    ),
    *_both_ways(
        Package(
            "Pydantic AI",
            "pydantic-ai-slim",
            "2.68.0",
            _PYDANTIC_AI,
            extra="[openai]",
            beside=(_PACKAGE_3, "httpx2==2.16.2"),
            since=(3, 11),
        ),
        _PYDANTIC_AI,
    ),
    Package(
        "huggingface_hub",
        "huggingface_hub",
        "2.4.0",
        _HUB,
        settings={"HF_HUB_DISABLE_TELEMETRY": "1"},
    ),
    Package(
        "smolagents",
        "smolagents",
        "1.26.0",
        replace(_OPENAI, refused="smolagents.AgentGenerationError"),
        extra="[openai]",
        beside=(_PACKAGE_3,),
    ),
    Package("Instructor", "instructor", "1.17.0", _INSTRUCTOR, beside=("openai==3.3.0",)),
    *_both_ways(
        Package("OpenAI Agents SDK", "openai-agents", "0.24.0", _OPENAI, beside=(_PACKAGE_3,)),
        replace(_OPENAI, cut="agents.ModelBehaviorError"),
    ),
    Package(
        "Haystack",
        "haystack-ai",
        "3.4.1",
        _OPENAI,
        beside=(_PACKAGE_3,),
        settings={"HAYSTACK_TELEMETRY_ENABLED": "False"},
        since=(3, 11),
    ),
)

RUNNABLE = [each for each in PACKAGES if sys.version_info >= each.since]
"""Those that run on this Python."""
