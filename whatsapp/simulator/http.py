"""What every face needs of HTTP: JSON bodies both ways, files, bearer tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web

from .errors import Refusal
from .network import Network


def json_response(data: Any, status: int = 200) -> web.Response:
    """Answer JSON."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def file_response(network: Network, media_id: str) -> web.FileResponse:
    """Answer the bytes of a stored file; raise Refusal(not_found)."""
    media = network.media.get(media_id)
    headers = {
        "Content-Type": media.mimetype,
        "X-Content-Type-Options": "nosniff",
        # A file is someone else's: it may be shown, never run in the page's origin.
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    }
    if media.file_name:
        headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(media.file_name)}"
    return web.FileResponse(network.media.path(media), headers=headers)


async def read_json(request: web.Request) -> Any:
    """Read a JSON body, an empty object if there is none; raise Refusal(bad_request)."""
    try:
        return orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise Refusal("bad_request", "the body is not JSON") from error


async def read_object(request: web.Request) -> dict[str, Any]:
    """Read a JSON object; raise Refusal(bad_request)."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise Refusal("bad_request", "the body must be an object")
    return body


def bearer_token(request: web.Request) -> str | None:
    """Return the token of the Authorization header, or None if it names none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
