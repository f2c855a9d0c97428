"""Batches of any content are read in order and never raise."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from whatsapp.drivers.base import (
    Inbound,
    Receipt,
    StoredEvent,
)
from whatsapp.drivers.cloud.webhook import parse, split

from .samples import (
    MESSAGES,
    PHONE_ID,
    STATUS,
    value,
)
from .test_foreign_data import JSON

_NUMBERS = st.sampled_from([PHONE_ID, "2", "3"])
_MESSAGE = st.builds(
    lambda name, number: copy.deepcopy(MESSAGES[name]) | {"id": f"wamid.{number}"},
    st.sampled_from(sorted(MESSAGES)),
    st.integers(0, 10**9),
)
_STATUS = st.builds(
    lambda word, number: STATUS | {"status": word, "id": f"wamid.{number}"},
    st.sampled_from(["sent", "delivered", "read"]),
    st.integers(0, 10**9),
)


def _value(phone_id, messages, statuses):
    found = value(messages=messages, statuses=statuses)
    found["metadata"] = found["metadata"] | {"phone_number_id": phone_id}
    return found


_VALUES = st.builds(_value, _NUMBERS, st.lists(_MESSAGE, max_size=4), st.lists(_STATUS, max_size=4))
_BODIES = st.builds(
    lambda entries: {
        "object": "whatsapp_business_account",
        "entry": [
            {"id": f"waba{n}", "changes": [{"field": "messages", "value": v} for v in values]}
            for n, values in enumerate(entries)
        ],
    },
    st.lists(st.lists(_VALUES, max_size=4), max_size=4),
)


@settings(deadline=None)
@given(_BODIES)
def test_every_message_and_status_of_any_batch_reaches_its_number_in_order(webhook):
    expected: dict[str, list[tuple[type, str]]] = {}
    for entry in webhook["entry"]:
        for change in entry["changes"]:
            one = change["value"]
            facts = [(Inbound, item["id"]) for item in one["messages"]]
            facts += [(Receipt, item["id"]) for item in one["statuses"]]
            if facts:
                phone_id = one["metadata"]["phone_number_id"]
                expected.setdefault(phone_id, []).extend(facts)
    found = {
        number: [(type(event), event.wire_id) for item in items for event in parse(item)]
        for number, items in split(json.dumps(webhook).encode()).items()
    }
    assert found == expected


@settings(deadline=None)
@given(JSON)
def test_no_json_raises_and_none_is_dropped(anything):
    for webhook in (
        anything,
        {"entry": anything},
        {"entry": [{"id": anything, "time": anything, "changes": anything}]},
        {"entry": [{"changes": [{"field": anything, "value": anything}]}]},
        {"entry": [{"changes": [{"field": "history", "value": {"history": [anything]}}]}]},
    ):
        if isinstance(webhook, bytes | str):
            continue
        items = [item for group in split(webhook).values() for item in group]
        for item in items:
            events = parse(item)
            assert events
            for event in events:
                if isinstance(event, StoredEvent):
                    json.dumps(event.raw, allow_nan=False)
                    assert event.wire_id
                    assert len(event.wire_id) <= 255
                    assert len(event.chat) <= 255
    assert parse(anything if isinstance(anything, dict) else {"item": anything})


_LISTS = [
    "messages", "statuses", "errors", "message_echoes", "calls", "state_sync", "user_preferences",
    "contacts", "history",
]  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from(["messages", "smb_message_echoes", "calls", "history", "user_preferences"]),
    st.dictionaries(st.sampled_from(_LISTS), st.lists(st.dictionaries(
        st.sampled_from(["id", "type", "text", "from", "to", "status", "timestamp", "interactive",
                         "reaction", "errors", "context", "contacts", "system", "threads"]),
        JSON | st.sampled_from(["text", "interactive", "system", "contacts", "read"]),
    ), max_size=3)),
)  # fmt: skip
def test_no_member_of_a_known_field_raises(field, members):
    for group in split({"entry": [{"changes": [{"field": field, "value": members}]}]}).values():
        for item in group:
            assert parse(item)
