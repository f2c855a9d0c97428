"""What every group of Graph routes is made of."""

from __future__ import annotations

from aiohttp import web

from whatsapp.simulator.graph_face.accounts import Accounts
from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.graph_face.templates import Templates
from whatsapp.simulator.graph_face.webhooks import Webhooks
from whatsapp.simulator.http import json_response
from whatsapp.simulator.network import Network

from .callers import Callers


class Part:
    """Some routes of the Graph face, over the accounts, templates and webhooks they share."""

    def __init__(
        self, network: Network, accounts: Accounts, webhooks: Webhooks, templates: Templates
    ) -> None:
        self._network = network
        self._accounts = accounts
        self._webhooks = webhooks
        self._templates = templates
        self._callers = Callers(accounts, templates)

    async def _success(self) -> web.Response:
        """Answer that a change is made, once it is durable."""
        await self._network.ledger.durable()
        self._webhooks.queue.wake()
        return json_response({"success": True})

    async def _verify(self, url: str, token: str) -> None:
        """Shake hands with a receiver; raise GraphError for one that does not answer well."""
        if not url.startswith(("http://", "https://")):
            raise GraphError(100, "the callback address must be an http address")
        if not await self._webhooks.queue.handshake(url, token):
            raise GraphError(2200, "The callback did not answer the challenge")
