"""The network as those who run it see it: its troubles and its books."""

from __future__ import annotations

from aiohttp import web

from whatsapp.simulator.faults import Faults
from whatsapp.simulator.http import json_response, read_json
from whatsapp.simulator.network import Network

from .tally import tally


class Running:
    """Faults to set, and the ledger to read or to clear."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.get("/api/faults", self.get_faults),
            web.put("/api/faults", self.put_faults),
            web.get("/api/ledger", self.get_ledger),
            web.delete("/api/ledger", self.clear_ledger),
        ]

    async def get_faults(self, request: web.Request) -> web.Response:
        """The troubles in force."""
        return json_response(self._network.faults.as_json())

    async def put_faults(self, request: web.Request) -> web.Response:
        """Set the troubles; what is not named is at rest."""
        self._network.set_faults(Faults.from_json(await read_json(request)))
        await self._network.ledger.durable()
        return json_response(self._network.faults.as_json())

    async def get_ledger(self, request: web.Request) -> web.Response:
        """What the network accepted, delivered, and delivered more than once."""
        return json_response(tally(self._network))

    async def clear_ledger(self, request: web.Request) -> web.Response:
        """Forget all messages; phones, devices and settings stay."""
        self._network.forget_history()
        await self._network.ledger.durable()
        self._network.screens.tell("", "resync", {})
        return json_response({"ok": True})
