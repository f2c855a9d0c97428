"""Messages as linked devices are told them (docs/device-protocol.md)."""

from __future__ import annotations

from typing import Any

from whatsapp.simulator import content as contents
from whatsapp.simulator.devices import Device, Devices
from whatsapp.simulator.directory import Directory
from whatsapp.simulator.ledger import Ledger

from .messages import QUALIFIED_COLUMNS, Message, chat_peer


class DeviceEvents:
    """Words the network's events in the JIDs each device is shown."""

    def __init__(self, ledger: Ledger, directory: Directory, devices: Devices) -> None:
        self._ledger = ledger
        self._directory = directory
        self._devices = devices

    def tell(self, device: Device, message: Message) -> None:
        """Queue a message for a device."""
        self._devices.enqueue(device, self._message(device, message), message.seq)

    def history(self, device: Device, since: float, limit: int) -> list[dict[str, Any]]:
        """Return the message events of a device's number since a moment, oldest first."""
        rows = self._ledger.all(
            f"SELECT {QUALIFIED_COLUMNS} FROM shown s "  # noqa: S608 - our own columns
            "JOIN messages m ON m.seq = s.message "
            "WHERE s.phone = ? AND m.at > ? AND m.revoked_at IS NULL ORDER BY m.at, m.seq LIMIT ?",
            device.number,
            since,
            limit,
        )
        return [self._message(device, Message.from_row(row)) for row in rows]

    def scene(self, device: Device, by: str, chat: str) -> dict[str, Any]:
        """Return who did something and where, in the JIDs this device is shown."""
        me = device.number or ""
        chat_jid, _ = self._directory.jids(chat_peer(chat, me))
        sender_jid, _ = self._directory.jids(by)
        return {"chat": chat_jid, "sender": sender_jid, "from_me": by == me}

    def _message(self, device: Device, message: Message) -> dict[str, Any]:
        event = self.scene(device, message.sender, message.chat)
        peer = chat_peer(message.chat, device.number or "")
        for key, address in (("chat_alt", peer), ("sender_alt", message.sender)):
            _, alternative = self._directory.jids(address)
            if alternative:
                event[key] = alternative
        event |= {"id": message.id, "at": message.at}
        if message.content["type"] == "unknown":
            return event | {"kind": "unknown", "raw": message.content["raw"]}
        return event | {
            "kind": "message",
            "push_name": self._directory.name(message.sender),
            "message": contents.for_device(message.content),
        }
