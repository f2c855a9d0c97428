"""Business numbers on the Cloud API, their settings, and the knobs of the whole face."""

from __future__ import annotations

import dataclasses
import secrets
import time
from typing import Any

import orjson

from whatsapp.simulator.directory import clean_number
from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.network import Network

from .errors import GraphError


@dataclasses.dataclass(slots=True)
class Knobs:
    """How the Graph face departs from its best day; see docs/simulator.md for each."""

    batch: int = 1
    mixedWabas: bool = False
    omitWaId: bool = False
    millisecondTimestamps: bool = False
    dropResponseRate: float = 0.0
    duplicateRate: float = 0.0
    reorderStatuses: bool = False
    nullInText: bool = False
    paused: bool = False
    failBy: str = "auto"
    windowHours: float = 24.0
    clockOffsetSeconds: float = 0.0
    throughputPerSecond: float = 80.0
    pairBurst: float = 45.0
    pairSeconds: float = 6.0
    mediaUrlSeconds: float = 300.0
    retryBaseSeconds: float = 1.0
    freeServiceMessages: int = 1000
    approveTemplates: bool = True

    @classmethod
    def from_json(cls, data: Any) -> Knobs:
        """Read the control API's form; what is not named is at its default. Raise Refusal."""
        if not isinstance(data, dict):
            raise Refusal("bad_request", "knobs must be an object")
        knobs = cls()
        kinds = {field.name: type(getattr(knobs, field.name)) for field in dataclasses.fields(cls)}
        for key, value in data.items():
            kind = kinds.get(key)
            if kind is None:
                raise Refusal("bad_request", f"unknown knob: {key}")
            if kind is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            if type(value) is not kind:
                raise Refusal("bad_request", f"{key} must be of type {kind.__name__}")
            if kind in (int, float) and key != "clockOffsetSeconds" and not 0 <= value < 1e9:
                raise Refusal("bad_request", f"{key} must be 0 or more")
            if key.endswith("Rate") and value > 1:
                raise Refusal("bad_request", f"{key} must be between 0 and 1")
            setattr(knobs, key, value)
        if knobs.failBy not in ("auto", "response", "status"):
            raise Refusal("bad_request", "failBy must be auto, response or status")
        if not 1 <= knobs.batch <= 1000:
            raise Refusal("bad_request", "batch must be between 1 and 1000")
        return knobs

    def as_json(self) -> dict[str, Any]:
        """The form of the control API."""
        return dataclasses.asdict(self)

    def now(self) -> float:
        """The time the Graph face goes by."""
        return time.time() + self.clockOffsetSeconds


@dataclasses.dataclass(slots=True)
class CloudNumber:
    """One business number on the Cloud API."""

    number: str
    phone_id: str
    waba_id: str
    name: str
    token: str
    app_id: str
    app_secret: str
    signup_code: str
    callback_url: str = ""
    verify_token: str = ""
    override_url: str = ""
    override_token: str = ""
    waba_override_url: str = ""
    waba_override_token: str = ""
    verified_url: str = ""
    subscribed: bool = False
    registered: bool = True
    pin: str = ""
    profile: dict[str, Any] = dataclasses.field(default_factory=dict)
    blocked: list[str] = dataclasses.field(default_factory=list)

    @property
    def target(self) -> tuple[str, str]:
        """Where webhooks go now, and the token its handshake needs."""
        if self.override_url:
            return self.override_url, self.override_token
        if self.waba_override_url:
            return self.waba_override_url, self.waba_override_token
        return self.callback_url, self.verify_token

    def as_json(self) -> dict[str, Any]:
        """The form of the control API: everything a connection needs."""
        return {
            "number": self.number,
            "phoneId": self.phone_id,
            "wabaId": self.waba_id,
            "name": self.name,
            "token": self.token,
            "appId": self.app_id,
            "appSecret": self.app_secret,
            "signupCode": self.signup_code,
            "callbackUrl": self.callback_url,
            "verifyToken": self.verify_token,
            "subscribed": self.subscribed,
            "registered": self.registered,
            "blocked": self.blocked,
        }

    def as_graph(self) -> dict[str, Any]:
        """The fields of a phone number node."""
        return {
            "id": self.phone_id,
            "display_phone_number": f"+{self.number}",
            "verified_name": self.name,
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API" if self.registered else "NOT_APPLICABLE",
            "throughput": {"level": "STANDARD"},
            "name_status": "APPROVED",
            "is_on_biz_app": False,
            "status": "CONNECTED" if self.registered else "PENDING",
            "account_mode": "LIVE",
        }


_WISHES = {
    "phoneId": "phone_id",
    "wabaId": "waba_id",
    "name": "name",
    "token": "token",
    "appId": "app_id",
    "appSecret": "app_secret",
    "callbackUrl": "callback_url",
    "verifyToken": "verify_token",
}


class Accounts:
    """All cloud numbers, in memory and in the ledger."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._ledger = network.ledger
        self.numbers: dict[str, CloudNumber] = {}
        for row in self._ledger.all("SELECT settings FROM cloud_numbers"):
            cloud = CloudNumber(**orjson.loads(row[0]))
            self.numbers[cloud.number] = cloud
        self.knobs = Knobs.from_json(self._ledger.get_meta("cloud_knobs", {}))

    def set_knobs(self, knobs: Knobs) -> None:
        """Change the knobs, for this and later runs."""
        self.knobs = knobs
        self._ledger.set_meta("cloud_knobs", knobs.as_json())

    def add(self, data: Any) -> tuple[CloudNumber, bool]:
        """Create a number or change a known one; return it and whether it is new. Raise Refusal."""
        if not isinstance(data, dict):
            raise Refusal("bad_request", "the body must be an object")
        number = clean_number(data.get("number"))
        wishes = {}
        for key, field in _WISHES.items():
            value = data.get(key)
            if value is not None and not isinstance(value, str):
                raise Refusal("bad_request", f"{key} must be a text")
            if value:
                wishes[field] = value
        url = wishes.get("callback_url")
        if url and not url.startswith(("http://", "https://")):
            raise Refusal("bad_request", "callbackUrl must be an http address")
        if number in self._network.directory.phones:
            raise Refusal("conflict", "this number is a phone")
        for other in self.numbers.values():
            if other.number != number and other.phone_id == wishes.get("phone_id"):
                raise Refusal("conflict", "another number has this phoneId")
            if other.waba_id == wishes.get("waba_id", "") and other.number != number:
                # Numbers of one account belong to one app, unless told otherwise.
                wishes.setdefault("token", other.token)
                wishes.setdefault("app_id", other.app_id)
                wishes.setdefault("app_secret", other.app_secret)
        known = self.numbers.get(number)
        cloud = known or CloudNumber(
            number=number,
            phone_id=_digits(),
            waba_id=_digits(),
            name="Business",
            token=f"EAA{secrets.token_urlsafe(40)}",
            app_id=_digits(),
            app_secret=secrets.token_hex(16),
            signup_code=secrets.token_urlsafe(24),
            verify_token=secrets.token_urlsafe(16),
        )
        for field, value in wishes.items():
            setattr(cloud, field, value)
        if url:
            cloud.subscribed = True
        self.numbers[number] = cloud
        self._network.directory.cloud[number] = cloud.name
        self.save(cloud)
        return cloud, known is None

    def save(self, cloud: CloudNumber) -> None:
        """Write a number's settings."""
        self._ledger.write(
            "REPLACE INTO cloud_numbers VALUES (?, ?, ?, ?)",
            cloud.number,
            cloud.phone_id,
            cloud.waba_id,
            orjson.dumps(dataclasses.asdict(cloud)).decode(),
        )

    def by_phone_id(self, phone_id: str) -> CloudNumber | None:
        """Return the number with this id."""
        return next((c for c in self.numbers.values() if c.phone_id == phone_id), None)

    def of_waba(self, waba_id: str) -> list[CloudNumber]:
        """Return the numbers of an account."""
        return [c for c in self.numbers.values() if c.waba_id == waba_id]

    def of_app(self, app_id: str) -> list[CloudNumber]:
        """Return the numbers whose webhooks belong to an app."""
        return [c for c in self.numbers.values() if c.app_id == app_id]

    def of_token(self, token: str) -> list[CloudNumber]:
        """Return the numbers a token may act for; raise GraphError(190)."""
        found = [
            c
            for c in self.numbers.values()
            if secrets.compare_digest(c.token.encode(), token.encode())
        ]
        if not token or not found:
            raise GraphError(190, "The access token could not be decrypted")
        return found


def _digits() -> str:
    return str(secrets.randbelow(9 * 10**14) + 10**14)
