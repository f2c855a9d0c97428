"""Whatever an id alone names: a number, an account, a template or a file."""

from __future__ import annotations

from aiohttp import web

from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.http import json_response

from .media import address_of
from .part import Part
from .requests import PRODUCT, only, parameters, unknown_object


class Nodes(Part):
    """Reading, changing and deleting nodes."""

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.get(prefix + "/{id}", self.node),
            web.post(prefix + "/{id}", self.change_node),
            web.delete(prefix + "/{id}", self.delete_node),
        ]

    async def node(self, request: web.Request) -> web.Response:
        """A phone number, an account, a template or a file."""
        node_id = request.match_info["id"]
        numbers = self._callers.numbers(request)
        for cloud in numbers:
            if cloud.phone_id == node_id:
                return json_response(only(cloud.as_graph(), request))
            if cloud.waba_id == node_id:
                return json_response({"id": node_id, "name": cloud.name, "currency": "BRL"})
        if self._templates.get(node_id):
            return json_response(only(self._callers.template(request), request))
        try:
            media = self._network.media.get(node_id)
        except Refusal as refusal:
            raise unknown_object(node_id) from refusal
        seconds = self._accounts.knobs.mediaUrlSeconds
        return json_response(
            PRODUCT
            | {
                "url": address_of(self._network, request, media.id, seconds),
                "mime_type": media.mimetype,
                "sha256": media.sha256,
                "file_size": media.size,
                "id": media.id,
            }
        )

    async def change_node(self, request: web.Request) -> web.Response:
        """Change a number (webhook override, PIN) or a template."""
        node_id = request.match_info["id"]
        wish = await parameters(request)
        if self._templates.get(node_id):
            template = self._callers.template(request)
            for key in ("category", "components", "message_send_ttl_seconds"):
                if key in wish:
                    template[key] = wish[key]
            self._templates.save(template)
            return await self._success()
        cloud = self._callers.phone(request)
        override = wish.get("webhook_configuration")
        if isinstance(override, dict):
            url = str(override.get("override_callback_uri") or "")
            token = str(override.get("verify_token", ""))
            if url:
                await self._verify(url, token)
                cloud.verified_url = url
            cloud.override_url, cloud.override_token = url, token if url else ""
        if "pin" in wish:
            cloud.pin = str(wish["pin"])
        self._accounts.save(cloud)
        return await self._success()

    async def delete_node(self, request: web.Request) -> web.Response:
        """Delete an uploaded file."""
        self._callers.numbers(request)
        try:
            self._network.media.delete(request.match_info["id"])
        except Refusal as refusal:
            raise unknown_object(request.match_info["id"]) from refusal
        return await self._success()
