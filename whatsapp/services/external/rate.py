"""How many calls a token may make: counted in Valkey, where all processes see one number."""

import math
from dataclasses import dataclass

import redis
import structlog

from events.realtime import valkey

log = structlog.get_logger(__name__)

WINDOW_MS = 60_000

# One moment is kept per key: when all allowance used so far will have grown back. A call moves it
# on by one share of the minute; a call that would move it past a whole minute is refused. So a
# burst may use the whole allowance, and it comes back evenly. The clock is Valkey's: processes of
# several hosts need not agree on the time.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local share = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local moved = full_at + share
local room = now + window - moved
if room < -0.5 then
    return {0, 0, math.ceil(full_at - now), math.ceil(-room)}
end
redis.call('SET', KEYS[1], string.format('%.1f', moved), 'PX', math.ceil(moved - now) + 1000)
return {1, math.floor((room + 0.5) / share), math.ceil(moved - now), 0}
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a call left: `reset` and `wait` are whole seconds, `wait` is 0 where it may go on."""

    limit: int
    remaining: int
    reset: int
    wait: int

    def headers(self) -> dict[str, str]:
        """Write it as the headers that clients know."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def take_call(key: str, per_minute: int) -> Allowance | None:
    """Count one call; None where Valkey is away: better too many calls than no answers."""
    try:
        allowed, remaining, reset, wait = valkey().eval(  # type: ignore[misc]
            _TAKE, 1, f"api:rate:{key}", WINDOW_MS / per_minute, WINDOW_MS
        )
    except redis.RedisError as error:
        log.warning("api.rate_unknown", error=type(error).__name__)
        return None
    return Allowance(
        limit=per_minute,
        remaining=int(remaining),
        reset=math.ceil(int(reset) / 1000),
        wait=0 if allowed else max(1, math.ceil(int(wait) / 1000)),
    )
