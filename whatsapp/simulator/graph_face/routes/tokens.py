"""Access tokens: exchanging a sign-up code, and what a token is good for."""

from __future__ import annotations

import hmac

from aiohttp import web

from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.http import json_response

from .part import Part

SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging", "business_management"]


class Tokens(Part):
    """Meta's OAuth routes."""

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.get(prefix + "/oauth/access_token", self.access_token),
            web.get(prefix + "/debug_token", self.debug_token),
        ]

    async def access_token(self, request: web.Request) -> web.Response:
        """Exchange an embedded sign-up code for a token."""
        code = request.query.get("code", "")
        for cloud in self._accounts.numbers.values():
            if (
                hmac.compare_digest(cloud.signup_code.encode(), code.encode())
                and cloud.app_id == request.query.get("client_id")
                and cloud.app_secret == request.query.get("client_secret")
            ):
                return json_response({"access_token": cloud.token, "token_type": "bearer"})
        raise GraphError(100, "Invalid verification code format.", 36008)

    async def debug_token(self, request: web.Request) -> web.Response:
        """Say what a token is good for."""
        self._callers.app(request.query.get("access_token", ""))
        numbers = self._accounts.of_token(request.query.get("input_token", ""))
        wabas = sorted({cloud.waba_id for cloud in numbers})
        return json_response(
            {
                "data": {
                    "app_id": numbers[0].app_id,
                    "type": "SYSTEM_USER",
                    "is_valid": True,
                    "expires_at": 0,
                    "scopes": SCOPES,
                    "granular_scopes": [
                        {"scope": scope, "target_ids": wabas} for scope in SCOPES[:2]
                    ],
                }
            }
        )
