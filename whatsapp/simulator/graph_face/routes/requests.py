"""Reading Graph calls, and wording what is common to the answers."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from whatsapp.simulator.graph_face.errors import GraphError

PRODUCT = {"messaging_product": "whatsapp"}


def unknown_object(node_id: str) -> GraphError:
    """Return the error for what is not there, or not for this token."""
    return GraphError(
        100, f"Object with ID '{node_id}' does not exist, or this token may not see it", 33
    )


def only(node: dict[str, Any], request: web.Request) -> dict[str, Any]:
    """Return the fields of a node the call asks for, or all of them."""
    fields = request.query.get("fields")
    if not fields:
        return node
    wanted = {field.strip() for field in fields.split(",")} | {"id"}
    return {key: value for key, value in node.items() if key in wanted}


async def parameters(request: web.Request) -> dict[str, Any]:
    """Read a call's parameters: query and JSON or form body, as Graph takes either."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return found | {key: str(value) for key, value in (await request.post()).items()}
    body = await request.read()
    if not body:
        return found
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise GraphError(100, "The body is not JSON") from error
    if not isinstance(data, dict):
        raise GraphError(100, "The body must be an object")
    return found | data
