"""Files: uploaded by number, read at addresses that live for some minutes."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from aiohttp import BodyPartReader, web

from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.http import file_response, json_response
from whatsapp.simulator.network import Network

from .part import Part


class Media(Part):
    """Uploads, and the bytes behind an address."""

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes of this part."""
        return [web.post(prefix + "/{phone}/media", self.upload)]

    def address_routes(self) -> list[web.RouteDef]:
        """The routes of this part that stand under no version."""
        return [web.get("/graph/media/{token}", self.download)]

    async def upload(self, request: web.Request) -> web.Response:
        """Store a file (multipart) for sending."""
        cloud = self._callers.phone(request)
        if not request.content_type.startswith("multipart/"):
            raise GraphError(100, "the body must be multipart/form-data")
        media = None
        fields: dict[str, str] = {}
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise GraphError(100, "nested multipart bodies are not read")
            if part.name != "file":
                fields[part.name or ""] = await part.text()
                continue
            mimetype = part.headers.get("Content-Type", "application/octet-stream")
            media = await self._network.media.receive(
                _chunks(part), mimetype, part.filename, cloud.waba_id
            )
        if media is None or fields.get("messaging_product") != "whatsapp":
            raise GraphError(100, "file and messaging_product are required")
        if media.mimetype == "audio/opus":
            raise GraphError(131053, "audio/opus is not supported")
        await self._network.ledger.durable()
        return json_response({"id": media.id})

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes behind a media address, while it lives, for those who may ask."""
        self._callers.numbers(request)
        media_id, expires, seal = (*request.match_info["token"].split("."), "", "")[:3]
        right = _seal(self._network, media_id, expires)
        if not hmac.compare_digest(seal, right) or int(expires) < time.time():
            return json_response(GraphError(100, "this address has expired").as_json(), status=404)
        return file_response(self._network, media_id)


def address_of(network: Network, request: web.Request, media_id: str, seconds: float) -> str:
    """Return an address under which a file can be read for some seconds."""
    expires = str(int(time.time() + seconds))
    token = f"{media_id}.{expires}.{_seal(network, media_id, expires)}"
    return str(request.url.origin() / "graph" / "media" / token)


def _seal(network: Network, media_id: str, expires: str) -> str:
    secret = network.ledger.get_meta("media_secret")
    return hmac.new(
        str(secret).encode(), f"{media_id}.{expires}".encode(), hashlib.sha256
    ).hexdigest()[:32]


async def _chunks(part: BodyPartReader) -> Any:
    while chunk := await part.read_chunk(65_536):
        yield chunk
