"""One number: its registration, its profile and whom it blocks."""

from __future__ import annotations

from aiohttp import web

from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.http import json_response

from .part import Part
from .requests import PRODUCT, only, parameters

PROFILE_FIELDS = (
    "about", "address", "description", "email", "profile_picture_url", "websites", "vertical",
)  # fmt: skip


class PhoneNumbers(Part):
    """What a business settles for one of its numbers."""

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.post(prefix + "/{phone}/register", self.register),
            web.post(prefix + "/{phone}/deregister", self.deregister),
            web.post(prefix + "/{phone}/request_code", self.acknowledge),
            web.post(prefix + "/{phone}/verify_code", self.acknowledge),
            web.get(prefix + "/{phone}/block_users", self.blocked),
            web.post(prefix + "/{phone}/block_users", self.block),
            web.delete(prefix + "/{phone}/block_users", self.block),
            web.get(prefix + "/{phone}/whatsapp_business_profile", self.get_profile),
            web.post(prefix + "/{phone}/whatsapp_business_profile", self.set_profile),
        ]

    async def register(self, request: web.Request) -> web.Response:
        """Put a number on the Cloud API."""
        cloud = self._callers.phone(request)
        pin = (await parameters(request)).get("pin")
        if not isinstance(pin, str) or not pin.isdigit() or len(pin) != 6:
            raise GraphError(100, "pin must be 6 digits")
        if cloud.pin and cloud.pin != pin:
            raise GraphError(100, "Two-step verification PIN mismatch", 133005)
        cloud.pin, cloud.registered = pin, True
        self._accounts.save(cloud)
        return await self._success()

    async def deregister(self, request: web.Request) -> web.Response:
        """Take a number off the Cloud API."""
        cloud = self._callers.phone(request)
        cloud.registered = False
        self._accounts.save(cloud)
        return await self._success()

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Request and verify a number's code: any code is right."""
        self._callers.phone(request)
        return await self._success()

    async def get_profile(self, request: web.Request) -> web.Response:
        """A number's business profile."""
        cloud = self._callers.phone(request)
        return json_response({"data": [only(cloud.profile, request) | PRODUCT]})

    async def set_profile(self, request: web.Request) -> web.Response:
        """Change a number's business profile."""
        cloud = self._callers.phone(request)
        wish = await parameters(request)
        cloud.profile |= {key: wish[key] for key in PROFILE_FIELDS if key in wish}
        self._accounts.save(cloud)
        return await self._success()

    async def blocked(self, request: web.Request) -> web.Response:
        """Whom a number blocks."""
        users = [PRODUCT | {"wa_id": number} for number in self._callers.phone(request).blocked]
        return json_response({"data": users})

    async def block(self, request: web.Request) -> web.Response:
        """Block users, or unblock them."""
        cloud = self._callers.phone(request)
        users = (await parameters(request)).get("block_users")
        if not isinstance(users, list) or not users:
            raise GraphError(100, "block_users is missing")
        done, failed = [], []
        for user in users:
            given = user.get("user") or user.get("user_id") if isinstance(user, dict) else None
            number = self._network.directory.resolve(given)
            if number is None:
                failed.append({"input": given, "errors": [{"code": 139103}]})
                continue
            done.append({"input": given, "wa_id": number})
            if request.method == "POST" and number not in cloud.blocked:
                cloud.blocked.append(number)
            elif request.method == "DELETE" and number in cloud.blocked:
                cloud.blocked.remove(number)
        self._accounts.save(cloud)
        await self._network.ledger.durable()
        key = "added_users" if request.method == "POST" else "removed_users"
        return json_response(PRODUCT | {"block_users": {key: done, "failed_users": failed}})
