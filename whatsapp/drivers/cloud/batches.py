"""Meta's webhooks: one body into items by number, and each item into events. Pure functions.

A body carries any number of accounts, numbers, messages and statuses. `split` takes it apart so
that every item can be stored by itself, in the company it belongs to; `parse` reads one item, now
or when it is replayed. Neither ever raises for anything JSON can hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from whatsapp.drivers.raw import clean, dict_of, list_of, read_json, storable, text_of

# Lists of a change's value whose members are events of their own: field -> {list: name of a member}
_PARTS = {
    "messages": {"messages": "message", "statuses": "status", "errors": "error"},
    "smb_message_echoes": {"message_echoes": "echo", "errors": "error"},
    "smb_app_state_sync": {"state_sync": "contact_sync", "errors": "error"},
    "user_preferences": {"user_preferences": "preference", "errors": "error"},
    "calls": {"calls": "call", "statuses": "status", "errors": "error"},
}
# What stands beside those lists to explain them.
_FRAME = {"messaging_product", "metadata", "contacts"}

Item = dict[str, Any]


def split(body: bytes | str | Mapping[str, Any]) -> dict[str, list[Item]]:
    """Take a webhook body apart: the items of each phone_number_id, in order.

    Items that name no number are under `waba:<account id>`; what has neither is under the empty
    key. Every item holds all that is needed to read it. Raises ValueError where `body` is no JSON.
    """
    data = read_json(body) if isinstance(body, bytes | str) else storable(body)
    found: dict[str, list[Item]] = {}
    for item in _items(data):
        found.setdefault(_owner(item), []).append(item)
    return found


def item_id(item: Mapping[str, Any]) -> str:
    """Return an id made of all that an item says, for what the network gave none."""
    text = json.dumps(item, sort_keys=True, separators=(",", ":"), default=str)
    return "digest:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _owner(item: Item) -> str:
    number = text_of(dict_of(item.get("metadata")).get("phone_number_id"))
    if number:
        return number
    account = text_of(item.get("waba_id"))
    return f"waba:{account}" if account else ""


def _items(data: Any) -> Iterator[Item]:
    entries = dict_of(data).get("entry")
    if not isinstance(entries, list):
        yield {"part": "stray", "item": data}
        return
    for entry in entries:
        changes = dict_of(entry).get("changes")
        if not isinstance(changes, list):
            yield {"part": "stray", "item": entry}
            continue
        frame: Item = {"waba_id": text_of(entry.get("id")), "time": entry.get("time")}
        for change in changes:
            if isinstance(change, Mapping) and isinstance(change.get("value"), Mapping):
                yield from _change_items(frame, change)
            else:
                yield frame | {"part": "stray", "item": change}


def _change_items(entry: Item, change: Mapping[str, Any]) -> Iterator[Item]:
    field = clean(text_of(change.get("field")))
    value = change["value"]
    frame = entry | {"field": field, "metadata": dict_of(value.get("metadata"))}
    if field == "history":
        yield from _history_items(frame, value)
        return
    parts = _PARTS.get(field, {})
    contacts = list_of(value.get("contacts"))
    rest = {key: item for key, item in value.items() if key not in _FRAME}
    for name, part in parts.items():
        if not isinstance(rest.get(name), list):
            continue
        for member in rest.pop(name):
            yield frame | {"part": part, "item": member} | _contact(part, member, contacts)
    # What this code does not know, or a change that is one event as a whole.
    if rest or not any(isinstance(value.get(name), list) for name in parts):
        yield frame | {"part": "value", "item": rest}


def _history_items(frame: Item, value: Mapping[str, Any]) -> Iterator[Item]:
    """Old messages: threads in chunks; whatever is no message stays together."""
    taken = False
    for chunk in list_of(value.get("history")):
        for thread in list_of(dict_of(chunk).get("threads")):
            for message in list_of(dict_of(thread).get("messages")):
                taken = True
                yield frame | {
                    "part": "history",
                    "thread": text_of(thread.get("id")),
                    "item": message,
                }
    # The media of old messages comes later, as messages.
    for message in list_of(value.get("messages")):
        taken = True
        contacts = list_of(value.get("contacts"))
        yield frame | {"part": "history", "item": message} | _contact("message", message, contacts)
    rest = {key: item for key, item in value.items() if key not in _FRAME | {"history", "messages"}}
    progress = [
        {key: item for key, item in dict_of(chunk).items() if key != "threads"}
        for chunk in list_of(value.get("history"))
    ]
    if rest or not taken:
        yield frame | {"part": "value", "item": rest | {"history": progress}}


def _contact(part: str, member: Any, contacts: list[Any]) -> Item:
    """Find the contact an item is about, so that the item can be read alone."""
    if part not in {"message", "status", "call"} or not contacts:
        return {}
    member = dict_of(member)
    names = {
        text_of(member.get(key))
        for key in ("from", "from_user_id", "recipient_id", "recipient_user_id")
    } - {""}
    for contact in contacts:
        if names & {
            text_of(dict_of(contact).get("wa_id")), text_of(dict_of(contact).get("user_id"))
        }:  # fmt: skip
            return {"contact": contact}
    # A lone contact beside a message without any sender can only be that one's.
    return {"contact": contacts[0]} if len(contacts) == 1 and not names else {}
