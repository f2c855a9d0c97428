"""What people do on their phones."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from whatsapp.simulator import content as contents
from whatsapp.simulator.directory import ADDRESSINGS, GROUP_SERVER, clean_number
from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.http import file_response, json_response, read_json, read_object
from whatsapp.simulator.network import Network

from .requests import number_of, text_of


class Acting:
    """Phones and groups, and what they send, read and change."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        """The routes of this part."""
        phone = "/api/phones/{number}"
        return [
            web.post("/api/phones", self.add_phone),
            web.post("/api/groups", self.add_group),
            web.post("/api/messages", self.send_many),
            web.post(phone + "/messages", self.send),
            web.post(phone + "/read", self.read),
            web.post(phone + "/typing", self.typing),
            web.post(phone + "/calls", self.call),
            web.post(phone + "/reactions", self.react),
            web.post(phone + "/edits", self.edit),
            web.post(phone + "/deletes", self.delete),
            web.post("/api/media", self.upload),
            web.get("/api/media/{id}", self.download),
        ]

    async def add_phone(self, request: web.Request) -> web.Response:
        """Add a phone, or a list of them; a known number only takes the new name."""
        body = await read_json(request)
        many = body if isinstance(body, list) else [body]
        wishes = []
        for item in many:
            if not isinstance(item, dict):
                raise Refusal("bad_request", "a phone must be an object")
            addressing = item.get("addressing")
            if addressing is not None and addressing not in ADDRESSINGS:
                raise Refusal("bad_request", f"addressing must be one of {ADDRESSINGS}")
            number = clean_number(item.get("number"))
            if number in self._network.directory.cloud:
                raise Refusal("conflict", "this number is on the Cloud API")
            wishes.append(
                (number, text_of(item, "name"), text_of(item, "username") or None, addressing)
            )
        answers, any_new = [], False
        for number, name, username, addressing in wishes:
            phone, new = self._network.directory.add_phone(
                number, name, username=username, addressing=addressing
            )
            any_new |= new
            answers.append(phone.as_json())
            self._network.screens.tell(phone.number, "phone", phone.as_json())
        await self._network.ledger.durable()
        answer = answers if isinstance(body, list) else answers[0]
        return json_response(answer, 201 if any_new else 200)

    async def add_group(self, request: web.Request) -> web.Response:
        """Create a group of phones."""
        body = await read_object(request)
        members = body.get("members")
        if not isinstance(members, list) or not members:
            raise Refusal("bad_request", "members must be a list of numbers and not empty")
        numbers = [self._network.directory.phone(clean_number(member)).number for member in members]
        group_id = text_of(body, "id") or None
        if group_id and not group_id.endswith(GROUP_SERVER):
            raise Refusal("bad_request", f"a group id ends with {GROUP_SERVER}")
        subject = text_of(body, "subject") or "Group"
        group = self._network.directory.add_group(subject, list(dict.fromkeys(numbers)), group_id)
        await self._network.ledger.durable()
        return json_response(group.as_json(), 201)

    async def send(self, request: web.Request) -> web.Response:
        """Send a message from a phone; it is durable when the answer comes."""
        number = number_of(request, self._network)
        message = self._accept(number, await read_object(request))
        await self._network.ledger.durable()
        return json_response({"id": message}, 201)

    async def send_many(self, request: web.Request) -> web.Response:
        """Send many messages, `{from, …}` each, in order, with one commit."""
        body = await read_json(request)
        if not isinstance(body, list):
            raise Refusal("bad_request", "the body must be a list of messages")
        answers: list[dict[str, Any]] = []
        for item in body:
            try:
                if not isinstance(item, dict):
                    raise Refusal("bad_request", "a message must be an object")
                number = self._network.directory.phone(clean_number(item.get("from"))).number
                answers.append({"id": self._accept(number, item)})
            except Refusal as refusal:
                answers.append({"error": refusal.code, "reason": refusal.reason})
        await self._network.ledger.durable()
        return json_response(answers, 201)

    def _accept(self, number: str, body: dict[str, Any]) -> str:
        message_id = text_of(body, "id") or None
        if message_id and len(message_id) > 128:
            raise Refusal("bad_request", "id may have at most 128 characters")
        to = body.get("to")
        self._network.messages.chat_with(number, to)
        content = contents.from_phone(body, self._network.media)
        message, _ = self._network.deliveries.send(number, to, content, message_id=message_id)
        return message.id

    async def read(self, request: web.Request) -> web.Response:
        """Read a chat on a phone; voice messages count as played, unless `played` is false."""
        number = number_of(request, self._network)
        body = await read_object(request)
        if "id" in body:
            message = self._network.messages.find_by_id(number, body["id"])
            self._network.receipts.read(number, message, played=bool(body.get("played")))
            count = 1
        else:
            played = body.get("played", True) is not False
            count = self._network.receipts.read_chat(number, body.get("chat"), played=played)
        await self._network.ledger.durable()
        return json_response({"read": count})

    async def typing(self, request: web.Request) -> web.Response:
        """Show that a phone's owner is typing."""
        number = number_of(request, self._network)
        body = await read_object(request)
        self._network.signals.typing(
            number, body.get("to"), active=body.get("active", True) is not False
        )
        return json_response({"ok": True})

    async def call(self, request: web.Request) -> web.Response:
        """Ring a number; `status` offered or missed."""
        number = number_of(request, self._network)
        body = await read_object(request)
        status = body.get("status", "missed")
        if status not in ("offered", "missed"):
            raise Refusal("bad_request", "status must be offered or missed")
        call_id = self._network.signals.call(number, body.get("to"), status)
        await self._network.ledger.durable()
        return json_response({"id": call_id}, 201)

    async def react(self, request: web.Request) -> web.Response:
        """React to a message; an empty emoji takes the reaction back."""
        number = number_of(request, self._network)
        body = await read_object(request)
        message = self._network.messages.find_by_id(number, body.get("id"))
        reaction_id, _ = self._network.changes.react(number, message, text_of(body, "emoji"))
        await self._network.ledger.durable()
        return json_response({"id": reaction_id}, 201)

    async def edit(self, request: web.Request) -> web.Response:
        """Change the text of a message this phone sent."""
        number = number_of(request, self._network)
        body = await read_object(request)
        text = text_of(body, "text")
        if not text:
            raise Refusal("bad_request", "text is missing")
        message = self._network.messages.find_by_id(number, body.get("id"))
        self._network.changes.edit(number, message, text)
        await self._network.ledger.durable()
        return json_response({"id": message.id})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message this phone sent, for everyone."""
        number = number_of(request, self._network)
        body = await read_object(request)
        message = self._network.messages.find_by_id(number, body.get("id"))
        self._network.changes.revoke(number, message)
        await self._network.ledger.durable()
        return json_response({"id": message.id})

    # Files --------------------------------------------------------------------------------

    async def upload(self, request: web.Request) -> web.Response:
        """Store a file the page will send by `mediaId`."""
        media = await self._network.media.receive(
            request.content.iter_chunked(65_536),
            request.headers.get("Content-Type", "application/octet-stream"),
            request.query.get("fileName"),
        )
        await self._network.ledger.durable()
        return json_response(media.as_wire(), 201)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file a phone was shown."""
        return file_response(self._network, request.match_info["id"])
