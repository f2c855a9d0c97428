"""Linked devices: pairing, credentials, and the queue of events each has yet to confirm."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections import defaultdict
from typing import Any, Protocol

import orjson

from .errors import Refusal
from .ledger import Ledger

# Without the letters and digits people mistake for one another.
_PAIR_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ123456789"


class Line(Protocol):
    """The open socket of a device, as the device face provides it."""

    def wake(self) -> None:
        """Look for new events."""

    def push(self, frame: dict[str, Any]) -> None:
        """Send one frame that is not in the queue."""

    def paired(self) -> None:
        """Tell the device it now has a number."""

    def close(self, code: int, reason: str) -> None:
        """Send what waits and close the socket."""


@dataclasses.dataclass(slots=True)
class Device:
    """One client that has said hello; `state`: waiting, paired, logged_out or banned."""

    id: str
    name: str
    number: str | None
    credentials: str | None
    state: str
    last_seq: int

    def as_json(self, *, online: bool) -> dict[str, Any]:
        """The form of the control API; credentials are never shown."""
        return {
            "id": self.id,
            "name": self.name,
            "number": self.number,
            "state": self.state,
            "online": online,
        }


@dataclasses.dataclass(frozen=True, slots=True)
class _Code:
    device: str
    expires_at: float
    number: str | None = None


class Devices:
    """Every device the network knows."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.all: dict[str, Device] = {}
        self.lines: dict[str, Line] = {}
        self._of_number: dict[str, set[str]] = defaultdict(set)
        self._codes: dict[str, _Code] = {}
        for row in ledger.all("SELECT id, name, number, credentials, state, last_seq FROM devices"):
            device = Device(*row)
            self.all[device.id] = device
            if device.number and device.state == "paired":
                self._of_number[device.number].add(device.id)

    def of_number(self, number: str) -> list[Device]:
        """Return the paired devices of a number, connected or not."""
        return [self.all[device] for device in self._of_number.get(number, ())]

    def get(self, device_id: str) -> Device:
        """Return a device; raise Refusal(not_found)."""
        device = self.all.get(device_id)
        if device is None:
            raise Refusal("not_found", "no such device")
        return device

    # Saying hello -------------------------------------------------------------------------

    def greet(self, device_id: str, name: str) -> Device:
        """Return the device of this id, which has no credentials yet, adding it if new."""
        device = self.all.get(device_id)
        if device is None:
            device = Device(device_id, name, None, None, "waiting", 0)
            self.all[device_id] = device
        device.name = name
        if device.state != "paired":
            device.state = "waiting"
        self._save(device)
        return device

    def recognise(self, device_id: str, credentials: str) -> Device | str:
        """Return the device these credentials belong to, or why they are void."""
        device = self.all.get(device_id)
        if (
            device is not None
            and device.state == "paired"
            and device.credentials is not None
            and secrets.compare_digest(device.credentials.encode(), credentials.encode())
        ):
            return device
        row = self._ledger.one(
            "SELECT reason FROM void_credentials WHERE credentials = ?", credentials
        )
        return row[0] if row else "logout"

    def by_credentials(self, credentials: str) -> Device:
        """Return the paired device of a bearer token; raise Refusal(not_paired)."""
        row = self._ledger.one("SELECT id FROM devices WHERE credentials = ?", credentials)
        if row is None or self.all[row[0]].state != "paired":
            raise Refusal("not_paired", "these credentials are not those of a paired device")
        return self.all[row[0]]

    # Pairing ------------------------------------------------------------------------------

    def new_qr(self, device: Device, lifetime: float) -> str:
        """Return a QR text by which a phone can adopt this device for `lifetime` seconds."""
        self.withdraw_codes(device, keep_pair_code=True)
        code = f"2@{secrets.token_urlsafe(32)},{secrets.token_urlsafe(16)},{device.id}"
        self._codes[code] = _Code(device.id, time.monotonic() + lifetime)
        return code

    def new_pair_code(self, device: Device, number: str, lifetime: float) -> str:
        """Return a code to type on the phone of `number`."""
        letters = "".join(secrets.choice(_PAIR_ALPHABET) for _ in range(8))
        code = f"{letters[:4]}-{letters[4:]}"
        self._codes[code] = _Code(device.id, time.monotonic() + lifetime, number)
        return code

    def withdraw_codes(self, device: Device, *, keep_pair_code: bool = False) -> None:
        """Make the codes of a device useless."""
        for code, known in list(self._codes.items()):
            if known.device == device.id and not (keep_pair_code and known.number):
                del self._codes[code]

    def codes(self) -> list[dict[str, Any]]:
        """Return the codes on screen now, for the state of the control API."""
        now = time.monotonic()
        return [
            {"code": code, "device": known.device, "expiresIn": round(known.expires_at - now, 1)}
            for code, known in self._codes.items()
            if known.expires_at > now
        ]

    def device_of_code(self, code: str, number: str) -> Device:
        """Return the device showing this code; raise Refusal(code_expired, conflict)."""
        known = self._codes.get(code) or self._codes.get(_spell(code))
        if known is None or known.expires_at <= time.monotonic():
            raise Refusal("code_expired", "this code is unknown or no longer valid")
        if known.number and known.number != number:
            raise Refusal("conflict", "this code was made for another number")
        return self.get(known.device)

    def pair(self, device: Device, number: str) -> None:
        """Give a waiting device this number and fresh credentials; raise Refusal(conflict)."""
        line = self.lines.get(device.id)
        if device.state == "paired" and device.number == number and not self._is_waiting(device):
            raise Refusal("conflict", "this device is already paired")
        if line is None:
            raise Refusal("conflict", "this device is not connected")
        self.withdraw_codes(device)
        if device.number:
            self._of_number[device.number].discard(device.id)
        if device.credentials:
            self._void(device, "logout")
        # What an earlier pairing left unconfirmed belongs to that pairing.
        self._ledger.write("DELETE FROM device_events WHERE device = ?", device.id)
        device.number = number
        device.credentials = secrets.token_urlsafe(32)
        device.state = "paired"
        self._of_number[number].add(device.id)
        self._save(device)
        self._ledger.after_commit(line.paired)

    def unpair(self, device: Device, reason: str) -> None:
        """End a pairing; `reason`: logout or banned. The device is told and its socket closed."""
        if device.state != "paired":
            raise Refusal("conflict", "this device is not paired")
        self._of_number[device.number or ""].discard(device.id)
        self._void(device, reason)
        device.credentials = None
        device.state = "banned" if reason == "banned" else "logged_out"
        self._ledger.write("DELETE FROM device_events WHERE device = ?", device.id)
        self._save(device)
        if line := self.lines.get(device.id):
            self._ledger.after_commit(lambda: self._dismiss(line, reason))

    @staticmethod
    def _dismiss(line: Line, reason: str) -> None:
        line.push({"type": "logged_out", "reason": reason})
        line.close(4003 if reason == "banned" else 4001, reason)

    # Events -------------------------------------------------------------------------------

    def enqueue(self, device: Device, event: dict[str, Any], message: int | None = None) -> None:
        """Queue an event until the device confirms it."""
        device.last_seq += 1
        self._ledger.write(
            "INSERT INTO device_events VALUES (?, ?, ?, ?)",
            device.id,
            device.last_seq,
            orjson.dumps(event).decode(),
            message,
        )
        # One update of the counter per commit, not per event.
        self._ledger.before_commit(f"seq:{device.id}", lambda: self._save_seq(device))
        if line := self.lines.get(device.id):
            self._ledger.after_commit(line.wake)

    def pass_by(self, device: Device, event: dict[str, Any]) -> None:
        """Show a fleeting event if the device is connected; it is not kept."""
        if line := self.lines.get(device.id):
            line.push({"type": "event", "seq": None, "event": event})

    def events_after(self, device: Device, seq: int, limit: int) -> list[tuple[int, str]]:
        """Return queued events beyond `seq` in order."""
        rows = self._ledger.all(
            "SELECT seq, body FROM device_events WHERE device = ? AND seq > ? ORDER BY seq LIMIT ?",
            device.id,
            seq,
            limit,
        )
        return [(row[0], row[1]) for row in rows]

    def confirm(self, device: Device, seq: int) -> list[int]:
        """Drop events up to `seq`; return the messages (by ledger number) among them."""
        rows = self._ledger.all(
            "SELECT message FROM device_events WHERE device = ? AND seq <= ? ORDER BY seq",
            device.id,
            seq,
        )
        if rows:
            self._ledger.write(
                "DELETE FROM device_events WHERE device = ? AND seq <= ?", device.id, seq
            )
        return [row[0] for row in rows if row[0] is not None]

    def waiting_events(self) -> int:
        """Return how many events are unconfirmed, over all devices."""
        row = self._ledger.one("SELECT count(*) FROM device_events")
        return row[0] if row else 0

    # --------------------------------------------------------------------------------------

    def _is_waiting(self, device: Device) -> bool:
        return any(code.device == device.id for code in self._codes.values())

    def _void(self, device: Device, reason: str) -> None:
        self._ledger.write(
            "REPLACE INTO void_credentials VALUES (?, ?)", device.credentials, reason
        )

    def _save(self, device: Device) -> None:
        self._ledger.write(
            "INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "name = excluded.name, number = excluded.number, credentials = excluded.credentials, "
            "state = excluded.state",
            device.id,
            device.name,
            device.number,
            device.credentials,
            device.state,
            device.last_seq,
            time.time(),
        )

    def _save_seq(self, device: Device) -> None:
        self._ledger.write(
            "UPDATE devices SET last_seq = ? WHERE id = ?", device.last_seq, device.id
        )


def _spell(code: str) -> str:
    letters = "".join(char for char in code.upper() if char.isalnum())
    return f"{letters[:4]}-{letters[4:]}"
