"""What a paired device can ask for (docs/device-protocol.md)."""

from __future__ import annotations

from typing import Any

from whatsapp.simulator import content as contents
from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.network import Message, Network

from .connection import Connection
from .frames import id_of
from .pairing import Pairing

# What fits into one frame of the protocol.
MOST_CONTACTS = 2000


class Commands:
    """The commands of the device protocol."""

    def __init__(self, network: Network, pairing: Pairing) -> None:
        self._network = network
        self._pairing = pairing
        self._commands = {
            "send": self._send,
            "edit": self._edit,
            "revoke": self._revoke,
            "react": self._react,
            "read": self._read,
            "typing": self._typing,
            "check_numbers": self._check_numbers,
            "block": self._block,
            "contacts": self._contacts,
            "history": self._history,
            "logout": self._logout,
        }

    def run(self, connection: Connection, frame: dict[str, Any]) -> None:
        """Do what a command frame asks and answer it; raise Refusal."""
        name = frame.get("command")
        if name == "request_pair_code":
            self._pairing.request_code(connection, frame)
            return
        command = self._commands.get(name if isinstance(name, str) else "")
        if command is None:
            raise Refusal("bad_request", "unknown command")
        if not connection.open:
            raise Refusal("not_paired", "this device is not paired")
        command(connection, frame)

    def _send(self, connection: Connection, frame: dict[str, Any]) -> None:
        network, me = self._network, connection.number
        message_id = id_of(frame, "id")
        content = contents.from_device(frame.get("message"), network.media)
        _, chat = network.messages.chat_with(me, frame.get("to"))
        known = network.messages.find(chat, message_id)
        if known is None:
            if not connection.may_send():
                raise Refusal("rate_limited", "too many messages a second")
            if network.faults.strikes(network.faults.error_rate):
                raise Refusal("temporary", "the network failed, as it was told to")
            known, _ = network.deliveries.send(
                me,
                frame.get("to"),
                content,
                message_id=message_id,
                origin="device",
                device=connection.device,
            )
        elif known.sender != me:
            raise Refusal("bad_request", "this id names a message of the other side")
        if network.faults.strikes(network.faults.drop_ack_rate):
            return
        connection.answer(frame.get("ref"), {"id": known.id, "at": known.at})

    def _target(self, connection: Connection, frame: dict[str, Any], key: str = "id") -> Message:
        _, chat = self._network.messages.chat_with(connection.number, frame.get("to"))
        message = self._network.messages.find(chat, id_of(frame, key))
        if message is None:
            raise Refusal("bad_request", "no such message in this chat")
        return message

    def _edit(self, connection: Connection, frame: dict[str, Any]) -> None:
        text = frame.get("text")
        if not isinstance(text, str) or not text:
            raise Refusal("bad_request", "text is missing")
        target = self._target(connection, frame)
        self._network.changes.edit(connection.number, target, text, connection.device)
        connection.answer(frame.get("ref"), {})

    def _revoke(self, connection: Connection, frame: dict[str, Any]) -> None:
        target = self._target(connection, frame)
        self._network.changes.revoke(connection.number, target, connection.device)
        connection.answer(frame.get("ref"), {})

    def _react(self, connection: Connection, frame: dict[str, Any]) -> None:
        emoji = frame.get("emoji")
        if not isinstance(emoji, str) or len(emoji) > 40:
            raise Refusal("bad_request", "emoji must be a text")
        reaction_id, at = self._network.changes.react(
            connection.number,
            self._target(connection, frame, "target"),
            emoji,
            reaction_id=id_of(frame, "id"),
            device=connection.device,
        )
        connection.answer(frame.get("ref"), {"id": reaction_id, "at": at})

    def _read(self, connection: Connection, frame: dict[str, Any]) -> None:
        me = connection.number
        ids = frame.get("ids")
        if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
            raise Refusal("bad_request", "ids must be a list of texts")
        peer, chat = self._network.messages.chat_with(me, frame.get("to"))
        found = [self._network.messages.find(chat, message_id) for message_id in ids]
        messages = [message for message in found if message is not None]
        if peer in self._network.directory.groups:
            # As on the real network: a receipt that does not say whose message it is counts not.
            writer = self._network.directory.resolve(frame.get("participant"))
            if writer is None or any(message.sender != writer for message in messages):
                raise Refusal("bad_request", "participant must be who wrote these messages")
        for message in messages:
            self._network.receipts.read(me, message)
        connection.answer(frame.get("ref"), {})

    def _typing(self, connection: Connection, frame: dict[str, Any]) -> None:
        active = bool(frame.get("active"))
        self._network.signals.typing(connection.number, frame.get("to"), active=active)
        connection.answer(frame.get("ref"), {})

    def _check_numbers(self, connection: Connection, frame: dict[str, Any]) -> None:
        numbers = frame.get("numbers")
        if not isinstance(numbers, list) or len(numbers) > 1000:
            raise Refusal("bad_request", "numbers must be a list of at most 1000")
        directory = self._network.directory
        answers = []
        for number in numbers:
            found = directory.resolve(number)
            answer: dict[str, Any] = {"number": number, "exists": False}
            if found and found not in directory.groups:
                answer |= {"exists": True, "jid": f"{found}@s.whatsapp.net"}
                if phone := directory.phones.get(found):
                    answer["lid"] = phone.lid
            answers.append(answer)
        connection.answer(frame.get("ref"), {"numbers": answers})

    def _block(self, connection: Connection, frame: dict[str, Any]) -> None:
        directory = self._network.directory
        whom = directory.resolve(frame.get("to"))
        if whom is None or whom in directory.groups:
            raise Refusal("not_on_whatsapp", "nobody has this number")
        directory.block(connection.number, whom, blocked=frame.get("blocked") is True)
        connection.answer(frame.get("ref"), {})

    def _contacts(self, connection: Connection, frame: dict[str, Any]) -> None:
        """Everybody here is in everybody's address book."""
        found = [
            {"name": phone.name, "jid": f"{phone.number}@s.whatsapp.net", "lid": phone.lid}
            for phone in self._network.directory.phones.values()
            if phone.number != connection.number
        ]
        connection.answer(frame.get("ref"), {"contacts": found[:MOST_CONTACTS]})

    def _history(self, connection: Connection, frame: dict[str, Any]) -> None:
        since, limit = frame.get("since", 0), frame.get("limit", 200)
        if not isinstance(since, int | float) or not isinstance(limit, int) or limit < 1:
            raise Refusal("bad_request", "since and limit must be numbers")
        limit = min(limit, 500)
        messages = self._network.device_events.history(connection.device, float(since), limit + 1)
        more = len(messages) > limit
        connection.answer(frame.get("ref"), {"messages": messages[:limit], "more": more})

    def _logout(self, connection: Connection, frame: dict[str, Any]) -> None:
        connection.push({"type": "result", "ref": frame.get("ref"), "ok": True})
        self._network.devices.unpair(connection.device, "logout")
