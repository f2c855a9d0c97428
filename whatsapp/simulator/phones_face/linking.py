"""Linking devices to phones, and parting them."""

from __future__ import annotations

from aiohttp import web

from whatsapp.simulator.device_face import DeviceFace
from whatsapp.simulator.directory import clean_number
from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.http import json_response, read_object
from whatsapp.simulator.network import Network

from .requests import number_of, text_of


class Linking:
    """What a phone, or WhatsApp itself, does to its linked devices."""

    def __init__(self, network: Network, device_face: DeviceFace) -> None:
        self._network = network
        self._device_face = device_face

    def routes(self) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.post("/api/phones/{number}/scan", self.scan),
            web.post("/api/devices/{id}/pair", self.pair),
            web.post("/api/devices/{id}/disconnect", self.disconnect),
            web.post("/api/devices/{id}/logout", self.logout),
            web.post("/api/devices/{id}/ban", self.ban),
        ]

    async def scan(self, request: web.Request) -> web.Response:
        """Link the device showing this QR (or pairing) code to the phone."""
        number = number_of(request, self._network)
        body = await read_object(request)
        code = text_of(body, "code").strip()
        if not code:
            raise Refusal("bad_request", "code is missing")
        device = self._network.devices.device_of_code(code, number)
        return await self._pair(device.id, number)

    async def pair(self, request: web.Request) -> web.Response:
        """Link a waiting device to a phone without its code."""
        body = await read_object(request)
        number = self._network.directory.phone(clean_number(body.get("number"))).number
        return await self._pair(request.match_info["id"], number)

    async def _pair(self, device_id: str, number: str) -> web.Response:
        device = self._network.devices.get(device_id)
        self._network.devices.pair(device, number)
        await self._network.ledger.durable()
        self._network.screens.tell(number, "device", device.as_json(online=True))
        return json_response({"device": device.id, "number": number})

    async def disconnect(self, request: web.Request) -> web.Response:
        """Cut a device's socket; it may come back at once."""
        device = self._network.devices.get(request.match_info["id"])
        return json_response({"disconnected": self._device_face.disconnect(device.id)})

    async def logout(self, request: web.Request) -> web.Response:
        """Unlink a device, as a person does on the phone."""
        return await self._unpair(request, "logout")

    async def ban(self, request: web.Request) -> web.Response:
        """Unlink a device as WhatsApp does with a number it bans."""
        return await self._unpair(request, "banned")

    async def _unpair(self, request: web.Request, reason: str) -> web.Response:
        device = self._network.devices.get(request.match_info["id"])
        self._network.devices.unpair(device, reason)
        await self._network.ledger.durable()
        self._network.screens.tell(device.number or "", "device", device.as_json(online=False))
        return json_response({"device": device.id, "state": device.state})
