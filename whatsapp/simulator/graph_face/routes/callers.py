"""Who is asking, and what their token lets them reach."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from whatsapp.simulator.graph_face.accounts import Accounts, CloudNumber
from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.graph_face.templates import Templates
from whatsapp.simulator.http import bearer_token

from .requests import unknown_object


class Callers:
    """Finds what a call is about among what its token may see."""

    def __init__(self, accounts: Accounts, templates: Templates) -> None:
        self._accounts = accounts
        self._templates = templates

    def numbers(self, request: web.Request) -> list[CloudNumber]:
        """Return the numbers a call's token may act for; raise GraphError(190)."""
        token = bearer_token(request)
        if token is None:
            token = request.query.get("access_token", "").strip()
        return self._accounts.of_token(token)

    def phone(self, request: web.Request) -> CloudNumber:
        """Return the number a path names; raise GraphError."""
        phone_id = request.match_info.get("phone") or request.match_info["id"]
        for cloud in self.numbers(request):
            if cloud.phone_id == phone_id:
                return cloud
        raise unknown_object(phone_id)

    def waba(self, request: web.Request) -> list[CloudNumber]:
        """Return the numbers of the account a path names; raise GraphError."""
        waba_id = request.match_info["waba"]
        found = [c for c in self.numbers(request) if c.waba_id == waba_id]
        if not found:
            raise unknown_object(waba_id)
        return found

    def app(self, app_token: str) -> list[CloudNumber]:
        """Return the numbers of the app a token (`id|secret`) belongs to; raise GraphError(190)."""
        app_id, _, secret = app_token.partition("|")
        found = [c for c in self._accounts.of_app(app_id) if c.app_secret == secret]
        if not found:
            raise GraphError(190, "Invalid app access token")
        return found

    def template(self, request: web.Request) -> dict[str, Any]:
        """Return the template a path names; raise GraphError."""
        template_id = request.match_info["id"]
        found = self._templates.get(template_id)
        if found is None or found[0] not in {c.waba_id for c in self.numbers(request)}:
            raise unknown_object(template_id)
        return found[1]
