"""The control API's part about cloud numbers."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.graph_face.accounts import Knobs
from whatsapp.simulator.http import json_response, read_json

from .part import Part

TEMPLATE_STATES = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "ARCHIVED")


class Control(Part):
    """What tests, and people at Meta, do to the Graph face."""

    def routes(self) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.get("/api/cloud/numbers", self.list_numbers),
            web.post("/api/cloud/numbers", self.add_number),
            web.get("/api/cloud/knobs", self.get_knobs),
            web.put("/api/cloud/knobs", self.put_knobs),
            web.post("/api/cloud/templates/{id}/status", self.set_template_status),
            web.post("/api/cloud/numbers/{number}/webhooks", self.post_webhook),
        ]

    async def list_numbers(self, request: web.Request) -> web.Response:
        """Every cloud number with what a connection needs."""
        return json_response([c.as_json() for c in self._accounts.numbers.values()])

    async def add_number(self, request: web.Request) -> web.Response:
        """Create a cloud number, or change a known one."""
        cloud, new = self._accounts.add(await read_json(request))
        await self._network.ledger.durable()
        self._webhooks.queue.wake(cloud.number)
        return json_response(cloud.as_json(), 201 if new else 200)

    async def get_knobs(self, request: web.Request) -> web.Response:
        """The knobs in force, and how many webhooks wait."""
        waiting = {"waiting": self._webhooks.queue.waiting()}
        return json_response(self._accounts.knobs.as_json() | waiting)

    async def put_knobs(self, request: web.Request) -> web.Response:
        """Set the knobs; what is not named is at its default."""
        self._accounts.set_knobs(Knobs.from_json(await read_json(request)))
        await self._network.ledger.durable()
        self._webhooks.queue.wake()
        return json_response(self._accounts.knobs.as_json())

    async def set_template_status(self, request: web.Request) -> web.Response:
        """Approve, pause or reject a template, as Meta's reviewers do, and tell its business."""
        found = self._templates.get(request.match_info["id"])
        if found is None:
            raise Refusal("not_found", "no such template")
        waba_id, template = found
        body = await read_json(request)
        status = body.get("status") if isinstance(body, dict) else None
        if status not in TEMPLATE_STATES:
            raise Refusal("bad_request", f"status must be one of {', '.join(TEMPLATE_STATES)}")
        template["status"] = status
        reason = body.get("reason") or "NONE"
        template["rejected_reason"] = reason
        self._templates.save(template)
        self._tell_waba(
            waba_id,
            "message_template_status_update",
            {
                "event": status,
                "message_template_id": int(template["id"]),
                "message_template_name": template["name"],
                "message_template_language": template["language"],
                "message_template_category": template["category"],
                "reason": reason,
            },
        )
        await self._network.ledger.durable()
        return json_response(template)

    async def post_webhook(self, request: web.Request) -> web.Response:
        """Queue any change for a number's business: `{field, value}`, posted as given."""
        number = self._network.directory.resolve(request.match_info["number"])
        cloud = self._accounts.numbers.get(number or "")
        if cloud is None:
            raise Refusal("not_found", "no such cloud number")
        body = await read_json(request)
        if not isinstance(body, dict) or not isinstance(body.get("field"), str):
            raise Refusal("bad_request", "field must be a text")
        if not isinstance(body.get("value"), dict):
            raise Refusal("bad_request", "value must be an object")
        self._webhooks.queue.add(cloud, body["value"], field=body["field"])
        await self._network.ledger.durable()
        return json_response({"ok": True}, 201)

    def _tell_waba(self, waba_id: str, field: str, value: dict[str, Any]) -> None:
        for cloud in self._accounts.of_waba(waba_id)[:1]:
            self._webhooks.queue.add(cloud, value, field=field)
