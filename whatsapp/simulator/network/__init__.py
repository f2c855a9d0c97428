"""The rules of the network: what happens to a message between two people."""

from __future__ import annotations

from whatsapp.simulator.devices import Devices
from whatsapp.simulator.directory import Directory
from whatsapp.simulator.faults import Faults
from whatsapp.simulator.ledger import Ledger
from whatsapp.simulator.media import MediaStore

from .changes import Changes
from .cloud_side import CloudSide
from .delays import Delays
from .deliveries import Deliveries
from .device_events import DeviceEvents
from .messages import (
    ACCEPTED,
    DELIVERED,
    FAILED,
    PLAYED,
    READ,
    SENT,
    STATUS_WORDS,
    Message,
    Messages,
    chat_key,
    chat_peer,
)
from .receipts import Receipts
from .screens import Screens, Watcher
from .signals import Signals

__all__ = [
    "ACCEPTED",
    "DELIVERED",
    "FAILED",
    "PLAYED",
    "READ",
    "SENT",
    "STATUS_WORDS",
    "CloudSide",
    "Message",
    "Network",
    "Watcher",
    "chat_key",
    "chat_peer",
]


class Network:
    """Accepts, delivers and remembers; each face translates to and from it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.media = MediaStore(ledger)
        self.directory = Directory(ledger)
        self.devices = Devices(ledger)
        self.faults = Faults.from_json(ledger.get_meta("faults", {}))
        self.cloud: CloudSide | None = None
        self.messages = Messages(ledger, self.directory)
        self.screens = Screens(ledger, self.directory, self.messages)
        self.device_events = DeviceEvents(ledger, self.directory, self.devices)
        self.delays = Delays(self)
        self.receipts = Receipts(self)
        self.deliveries = Deliveries(self)
        self.changes = Changes(self)
        self.signals = Signals(self)

    def resume(self) -> None:
        """Deliver what was accepted but not delivered when the program last ended."""
        self.deliveries.resume()

    def stop(self) -> None:
        """Cancel what is on its way; `resume` takes it up at the next start."""
        self.delays.stop()

    def forget_history(self) -> None:
        """Forget every message, event and file, also those on their way."""
        self.delays.forget()
        self.ledger.clear_history()
        self.ledger.after_commit(self.media.forget_all)

    def set_faults(self, faults: Faults) -> None:
        """Change the troubles, for this and later runs."""
        self.faults = faults
        self.ledger.set_meta("faults", faults.as_json())
