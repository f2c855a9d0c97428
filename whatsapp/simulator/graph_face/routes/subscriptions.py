"""Which app hears of an account, and at which address."""

from __future__ import annotations

from aiohttp import web

from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.http import json_response

from .part import Part
from .requests import only, parameters, unknown_object


class Subscriptions(Part):
    """Callback addresses of apps and the subscriptions of accounts."""

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.post(prefix + "/{app}/subscriptions", self.app_webhook),
            web.get(prefix + "/{waba}/phone_numbers", self.phone_numbers),
            web.get(prefix + "/{waba}/subscribed_apps", self.subscribed),
            web.post(prefix + "/{waba}/subscribed_apps", self.subscribe),
            web.delete(prefix + "/{waba}/subscribed_apps", self.unsubscribe),
        ]

    async def app_webhook(self, request: web.Request) -> web.Response:
        """Set the callback address of an app, after its handshake."""
        wish = await parameters(request)
        numbers = self._callers.app(str(wish.get("access_token", "")))
        if numbers[0].app_id != request.match_info["app"]:
            raise unknown_object(request.match_info["app"])
        url, token = str(wish.get("callback_url", "")), str(wish.get("verify_token", ""))
        await self._verify(url, token)
        for cloud in numbers:
            cloud.callback_url, cloud.verify_token, cloud.verified_url = url, token, url
            self._accounts.save(cloud)
        return await self._success()

    async def phone_numbers(self, request: web.Request) -> web.Response:
        """The numbers of an account."""
        data = [only(c.as_graph(), request) for c in self._callers.waba(request)]
        return json_response({"data": data, "paging": {"cursors": {"before": "a", "after": "z"}}})

    async def subscribed(self, request: web.Request) -> web.Response:
        """The apps that hear of an account."""
        apps = {c.app_id for c in self._callers.waba(request) if c.subscribed}
        data = [{"whatsapp_business_api_data": {"id": app, "name": "App"}} for app in sorted(apps)]
        return json_response({"data": data})

    async def subscribe(self, request: web.Request) -> web.Response:
        """Hear of an account; with an override address only once subscribed."""
        numbers = self._callers.waba(request)
        wish = await parameters(request)
        url = str(wish.get("override_callback_uri") or "")
        if url:
            if not all(cloud.subscribed for cloud in numbers):
                raise GraphError(100, "Before override the current callback uri, your app must be "
                                      "subscribed to receive messages")  # fmt: skip
            await self._verify(url, str(wish.get("verify_token", "")))
        for cloud in numbers:
            cloud.subscribed = True
            if url:
                cloud.waba_override_url = cloud.verified_url = url
                cloud.waba_override_token = str(wish.get("verify_token", ""))
            self._accounts.save(cloud)
        return await self._success()

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """Hear no more of an account."""
        for cloud in self._callers.waba(request):
            cloud.subscribed = False
            cloud.waba_override_url = cloud.waba_override_token = ""
            self._accounts.save(cloud)
        return await self._success()
