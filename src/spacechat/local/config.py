"""The description of a local Space that ``/config`` returns."""

from __future__ import annotations

from .shapes import Endpoint, Shape
from .values import Json


def config(shape: Shape, protocol: str, root: str, identity: int) -> dict[str, Json]:
    """Return the description of a Space, as Gradio has it, as far as clients need it.

    Args:
        shape: The shape of the Space.
        protocol: The protocol it speaks.
        root: Its address.
        identity: The number that tells it from the Space that is started after it.
    """
    endpoints = [one for one in (shape.predict, shape.chat) if one]
    description: dict[str, Json] = {"version": shape.version}
    if shape.prefix:  # Gradio 4 does not have the key
        description["api_prefix"] = shape.prefix
    description |= {
        "mode": "blocks",
        "app_id": identity,
        "dev_mode": False,
        "analytics_enabled": False,
        "components": [
            {"id": id_, "type": type_, "props": props | {"name": type_, "visible": True}}
            for id_, type_, props in shape.components
        ],
        "connect_heartbeat": False,
        "title": f"spacechat local: {shape.name}",
        "space_id": None,
        "enable_queue": True,
        "show_error": True,
        "show_api": True,
        "is_colab": False,
        "max_file_size": None,
        "theme": "default",
        "protocol": protocol,
        "layout": {
            "id": max(component.id for component in shape.components) + 1,
            "children": [{"id": component.id} for component in shape.components],
        },
        "dependencies": [_dependency(one) for one in endpoints],
        "root": root,
        "username": None,
    }
    return description


def _dependency(endpoint: Endpoint) -> Json:
    return {
        "id": endpoint.fn_index,
        "targets": [list(endpoint.trigger)],
        "inputs": list(endpoint.inputs),
        "outputs": list(endpoint.outputs),
        "backend_fn": True,
        "js": None,
        "queue": endpoint.queued,
        "api_name": endpoint.api_name,
        "batch": False,
        "max_batch_size": 4,
        "cancels": [],
        "types": {"generator": endpoint.queued, "cancel": False},
        "collects_event_data": False,
        "trigger_after": endpoint.after,
        "trigger_only_on_success": False,
        "trigger_mode": "once",
        "show_api": True,
    }
