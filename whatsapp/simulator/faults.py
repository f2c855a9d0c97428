"""The troubles a network can be told to have."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

from .errors import Refusal

REORDER_SPREAD_SECONDS = 0.4


@dataclasses.dataclass(slots=True)
class Faults:
    """What goes wrong, and how often; everything at rest by default.

    `drop_ack_rate`: the network accepted a send but its answer is lost. `duplicate_rate`: an event
    reaches a device, or a webhook its receiver, twice. `reorder`: deliveries and receipts overtake
    one another. `rate_limit_per_sec`: sends a device may make per second, 0 for no limit.
    """

    latency_ms: tuple[float, float] = (0.0, 0.0)
    error_rate: float = 0.0
    duplicate_rate: float = 0.0
    drop_ack_rate: float = 0.0
    reorder: bool = False
    disconnect_every_sec: float = 0.0
    rate_limit_per_sec: float = 0.0

    def latency(self) -> float:
        """Seconds one passage through the network takes now."""
        low, high = self.latency_ms
        return random.uniform(low, high) / 1000 if high else 0.0  # noqa: S311 - dice, not secrets

    def delivery_delay(self) -> float:
        """Seconds until a delivery, the disorder included."""
        spread = random.uniform(0, REORDER_SPREAD_SECONDS) if self.reorder else 0.0  # noqa: S311
        return self.latency() + spread

    def strikes(self, rate: float) -> bool:
        """Whether a trouble of this rate happens now."""
        return rate > 0 and random.random() < rate  # noqa: S311 - dice, not secrets

    def as_json(self) -> dict[str, Any]:
        """The form of the control API."""
        return {
            "latencyMs": list(self.latency_ms),
            "errorRate": self.error_rate,
            "duplicateRate": self.duplicate_rate,
            "dropAckRate": self.drop_ack_rate,
            "reorder": self.reorder,
            "disconnectEverySec": self.disconnect_every_sec,
            "rateLimitPerSec": self.rate_limit_per_sec,
        }

    @classmethod
    def from_json(cls, data: Any) -> Faults:
        """Read the control API's form; what is not named is at rest. Raise Refusal(bad_request)."""
        if not isinstance(data, dict):
            raise Refusal("bad_request", "faults must be an object")
        known = {
            "latencyMs",
            "errorRate",
            "duplicateRate",
            "dropAckRate",
            "reorder",
            "disconnectEverySec",
            "rateLimitPerSec",
        }
        unknown = sorted(set(data) - known)
        if unknown:
            raise Refusal("bad_request", f"unknown fault: {', '.join(unknown)}")
        latency = data.get("latencyMs", [0, 0])
        if (
            not isinstance(latency, list)
            or len(latency) != 2
            or not all(_is_number(part) for part in latency)
            or not 0 <= latency[0] <= latency[1] <= 600_000
        ):
            raise Refusal("bad_request", "latencyMs must be [low, high] with 0 <= low <= high")
        reorder = data.get("reorder", False)
        if not isinstance(reorder, bool):
            raise Refusal("bad_request", "reorder must be true or false")
        return cls(
            latency_ms=(float(latency[0]), float(latency[1])),
            error_rate=_rate(data, "errorRate"),
            duplicate_rate=_rate(data, "duplicateRate"),
            drop_ack_rate=_rate(data, "dropAckRate"),
            reorder=reorder,
            disconnect_every_sec=_amount(data, "disconnectEverySec"),
            rate_limit_per_sec=_amount(data, "rateLimitPerSec"),
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _rate(data: dict[str, Any], key: str) -> float:
    value = data.get(key, 0)
    if not _is_number(value) or not 0 <= value <= 1:
        raise Refusal("bad_request", f"{key} must be between 0 and 1")
    return float(value)


def _amount(data: dict[str, Any], key: str) -> float:
    value = data.get(key, 0)
    if not _is_number(value) or not 0 <= value <= 1_000_000:
        raise Refusal("bad_request", f"{key} must be 0 or more")
    return float(value)
