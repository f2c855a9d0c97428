"""JSON as the contract's clients read it."""

from datetime import UTC, datetime
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer


def wire_time(moment: datetime) -> str:
    """Write a moment as ISO 8601 UTC with milliseconds (rest.md §1)."""
    # strftime writes the year 310 with three digits, which no reader takes.
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _default(value: Any) -> Any:
    if isinstance(value, datetime):
        return wire_time(value)
    return str(value)


class WireRenderer(JSONRenderer):
    """JSON by orjson; text that PostgreSQL already built (`RawJSON`) passes through unread."""

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(
            data, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
        )
