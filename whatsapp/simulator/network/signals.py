"""Signs of life between people that are no messages: typing and calls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .messages import chat_peer, new_id

if TYPE_CHECKING:
    from . import Network


class Signals:
    """Typing, which nobody keeps, and calls, which devices hear of."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def typing(self, me: str, to: Any, *, active: bool) -> None:
        """Show someone that one is typing; nothing is kept."""
        network = self._network
        peer, chat = network.messages.chat_with(me, to)
        group = network.directory.groups.get(peer)
        for number in group.members if group else [peer]:
            if number == me:
                continue
            for device in network.devices.of_number(number):
                scene = network.device_events.scene(device, me, chat)
                network.devices.pass_by(
                    device,
                    {
                        "kind": "typing",
                        "chat": scene["chat"],
                        "sender": scene["sender"],
                        "active": active,
                        "at": time.time(),
                    },
                )
            shown = {"chat": chat_peer(chat, number), "from": me, "active": active}
            network.screens.notify(number, "typing", shown)

    def call(self, me: str, to: Any, status: str) -> str:
        """Ring a number's devices; `status`: offered or missed."""
        network = self._network
        peer, _ = network.messages.chat_with(me, to)
        call_id = new_id()
        for device in network.devices.of_number(peer):
            chat, _ = network.directory.jids(me)
            event = {"kind": "call", "id": call_id, "chat": chat, "status": status}
            network.devices.enqueue(device, event | {"at": time.time()})
        return call_id
