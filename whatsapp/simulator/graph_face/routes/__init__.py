"""The routes of the Graph API, and the control API's part about cloud numbers."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.graph_face.accounts import Accounts
from whatsapp.simulator.graph_face.errors import GraphError
from whatsapp.simulator.graph_face.templates import Templates
from whatsapp.simulator.graph_face.webhooks import Webhooks
from whatsapp.simulator.http import json_response
from whatsapp.simulator.network import Network

from .control import Control
from .media import Media
from .message_templates import MessageTemplates
from .messages import Messages
from .nodes import Nodes
from .phone_numbers import PhoneNumbers
from .subscriptions import Subscriptions
from .tokens import Tokens

PREFIXES = (r"/graph/{version:v\d+\.\d+}", "/graph")


class GraphFace:
    """Meta's side of the Cloud API."""

    def __init__(self, network: Network) -> None:
        accounts = Accounts(network)
        templates = Templates(network.ledger)
        self._webhooks = Webhooks(network, accounts)
        shared = (network, accounts, self._webhooks, templates)
        self._control = Control(*shared)
        self._media = Media(*shared)
        # A node is whatever no other part claims, so it comes last.
        self._parts = (
            Tokens(*shared),
            Subscriptions(*shared),
            MessageTemplates(*shared),
            Messages(*shared),
            self._media,
            PhoneNumbers(*shared),
            Nodes(*shared),
        )
        network.cloud = self._webhooks

    def routes(self) -> list[web.RouteDef]:
        """The routes of this face."""
        graph = self._media.address_routes()
        for prefix in PREFIXES:
            for part in self._parts:
                graph += part.routes(prefix)
        return self._control.routes() + [
            web.RouteDef(route.method, route.path, _in_graph_words(route.handler), route.kwargs)
            for route in graph
        ]

    def start(self) -> None:
        """Begin posting the webhooks that wait."""
        self._webhooks.queue.start()

    async def stop(self) -> None:
        """Stop posting webhooks; those that wait are kept."""
        await self._webhooks.queue.stop()


def _in_graph_words(handler: Handler) -> Handler:
    """Answer errors as the Graph API words them."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except GraphError as error:
            return json_response(error.as_json(), error.status)
        except Refusal as refusal:
            invalid = GraphError(100, refusal.reason)
            return json_response(invalid.as_json(), invalid.status)

    return answer
