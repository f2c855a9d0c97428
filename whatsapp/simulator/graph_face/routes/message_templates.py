"""The templates of an account."""

from __future__ import annotations

import base64
from typing import Any

from aiohttp import web

from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.http import json_response

from .part import Part
from .requests import only, parameters


class MessageTemplates(Part):
    """Listing, handing in, deleting and unpausing templates."""

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.get(prefix + "/{waba}/message_templates", self.list_templates),
            web.post(prefix + "/{waba}/message_templates", self.add_template),
            web.delete(prefix + "/{waba}/message_templates", self.delete_template),
            web.post(prefix + "/{id}/unpause", self.unpause_template),
        ]

    async def list_templates(self, request: web.Request) -> web.Response:
        """One page of an account's templates."""
        waba_id = self._callers.waba(request)[0].waba_id
        templates = self._templates.all(waba_id, request.query.get("name"))
        if wanted := request.query.get("status"):
            templates = [t for t in templates if t["status"] == wanted]
        limit = _whole(request.query.get("limit"), 25)
        start = _whole(_decode(request.query.get("after")), 0)
        page = templates[start : start + limit]
        paging: dict[str, Any] = {
            "cursors": {"before": _encode(start), "after": _encode(start + len(page))}
        }
        if start + limit < len(templates):
            paging["next"] = str(
                request.url.update_query(after=_encode(start + limit), limit=str(limit))
            )
        return json_response({"data": [only(t, request) for t in page], "paging": paging})

    async def add_template(self, request: web.Request) -> web.Response:
        """Hand in a template; the knob approveTemplates decides its fate."""
        waba_id = self._callers.waba(request)[0].waba_id
        wish = await parameters(request)
        template = self._templates.create(
            waba_id, wish, approve=self._accounts.knobs.approveTemplates
        )
        await self._network.ledger.durable()
        return json_response({key: template[key] for key in ("id", "status", "category")})

    async def delete_template(self, request: web.Request) -> web.Response:
        """Delete a template, in one language with `hsm_id`."""
        waba_id = self._callers.waba(request)[0].waba_id
        name = request.query.get("name", "")
        if not self._templates.delete(waba_id, name, request.query.get("hsm_id")):
            raise GraphError(100, f"there is no template {name}", 2593002)
        return await self._success()

    async def unpause_template(self, request: web.Request) -> web.Response:
        """Take a paused template back into use."""
        template = self._callers.template(request)
        if template["status"] != "PAUSED":
            raise GraphError(100, "this template is not paused")
        template["status"] = "APPROVED"
        self._templates.save(template)
        return await self._success()


def _whole(value: Any, default: int) -> int:
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) < 9 else default


def _encode(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _decode(cursor: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(cursor or "").decode()
    except ValueError:
        return ""
