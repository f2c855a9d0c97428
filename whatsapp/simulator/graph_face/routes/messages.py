"""Sending, marking as read, and showing that one types."""

from __future__ import annotations

from aiohttp import web

from whatsapp.simulator.graph_face.accounts import Accounts
from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.graph_face.messages import Sender
from whatsapp.simulator.graph_face.templates import Templates
from whatsapp.simulator.graph_face.webhooks import Webhooks
from whatsapp.simulator.http import json_response
from whatsapp.simulator.network import Network

from .part import Part
from .requests import parameters


class Messages(Part):
    """POST /{phone_id}/messages, and the same for marketing."""

    def __init__(
        self, network: Network, accounts: Accounts, webhooks: Webhooks, templates: Templates
    ) -> None:
        super().__init__(network, accounts, webhooks, templates)
        self._sender = Sender(network, accounts, webhooks, templates)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes of this part."""
        return [
            web.post(prefix + "/{phone}/messages", self.messages),
            web.post(prefix + "/{phone}/marketing_messages", self.messages),
        ]

    async def messages(self, request: web.Request) -> web.Response:
        """Send, mark read, show typing."""
        cloud = self._callers.phone(request)
        faults = self._network.faults
        if faults.strikes(faults.error_rate):
            raise GraphError(131000)
        answer, is_message = await self._sender.send(cloud, await parameters(request))
        await self._network.ledger.durable()
        lost = max(faults.drop_ack_rate, self._accounts.knobs.dropResponseRate)
        if is_message and faults.strikes(lost) and request.transport:
            # Accepted, and nobody will ever know: the connection breaks before the answer.
            request.transport.abort()
        return json_response(answer)
