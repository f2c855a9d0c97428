"""Items of a webhook (see batches) as events. Pure; never raises; keeps what it cannot read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from whatsapp.drivers.base import (
    Call,
    Echo,
    Edited,
    Event,
    Identities,
    Identity,
    IdentityKind,
    IdentityLinked,
    Inbound,
    MarketingPreference,
    Message,
    Notice,
    Person,
    Reacted,
    Receipt,
    Revoked,
    State,
    StateChanged,
    Status,
    Unreadable,
    bounded_key,
    chat_key,
)
from whatsapp.drivers.raw import (
    clean,
    dict_of,
    dicts_in,
    moment_of,
    moment_or_epoch,
    storable,
    text_of,
)

from .batches import Item, item_id
from .errors import error_of
from .incoming import identities, parse_content, person, phone_or_bsuid

# Fields that tell news of the account and need no more than to be kept and shown.
NOTICES = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "account_update",
        "business_capability_update",
        "business_status_update",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "history",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "smb_app_state_sync",
        "template_category_update",
        "template_correct_category_detection",
        "tracking_events",
    }
)
# What an account_update means for the session.
_ACCOUNT_STATES = {
    "ACCOUNT_RESTRICTION": State.RESTRICTED,
    "ACCOUNT_VIOLATION": State.DEGRADED,
    "ACCOUNT_DELETED": State.LOGGED_OUT,
    "ACCOUNT_OFFBOARDED": State.LOGGED_OUT,
    "PARTNER_REMOVED": State.LOGGED_OUT,
    "PARTNER_APP_UNINSTALLED": State.LOGGED_OUT,
    "ACCOUNT_RECONNECTED": State.CONNECTED,
}
_BAN_STATES = {"DISABLE": State.RESTRICTED, "REINSTATE": State.CONNECTED}


def parse(raw: Mapping[str, Any]) -> list[Event]:
    """Read one item; at least one event always comes of it."""
    item: Item = storable(dict_of(raw))
    read = _READERS.get(text_of(item.get("part")))
    if read is None or not isinstance(item.get("item"), Mapping):
        return [_unreadable(item, f"part {text_of(item.get('part'))}")]
    return read(item, item["item"])


# Messages -----------------------------------------------------------------------------------


def _message(item: Item, message: Mapping[str, Any]) -> list[Event]:
    contact = dict_of(item.get("contact"))
    names = identities(
        phone_or_bsuid(text_of(message.get("from"))),
        contact=contact,
        user_id=text_of(message.get("from_user_id")),
        parent_user_id=text_of(message.get("from_parent_user_id")),
    )
    group = _group(message)
    return _from_somebody(
        item, message, peer=(group,) if group else names, sender=person(names, contact)
    )


def _echo(item: Item, message: Mapping[str, Any]) -> list[Event]:
    """What the owner typed in the app on the phone: from us, to somebody."""
    names = identities(
        phone_or_bsuid(text_of(message.get("to"))),
        contact={},
        user_id=text_of(message.get("to_user_id")),
        parent_user_id=text_of(message.get("to_parent_user_id")),
    )
    group = _group(message)
    return _from_somebody(
        item, message, peer=(group,) if group else names, sender=_us(item), from_me=True
    )


def _history(item: Item, message: Mapping[str, Any]) -> list[Event]:
    """An old message of either side; the thread names the other one."""
    context = dict_of(message.get("history_context"))
    us = _us(item)
    writer = phone_or_bsuid(text_of(message.get("from")))
    from_me = context.get("from_me") is True or writer in us.identities
    other = phone_or_bsuid(text_of(item.get("thread")) or text_of(message.get("to")))
    contact = dict_of(item.get("contact"))
    names = identities(
        other if from_me or other else writer,
        contact=contact,
        user_id="" if from_me else text_of(message.get("from_user_id")),
    )
    return _from_somebody(
        item,
        message,
        peer=names,
        sender=us if from_me else person(names, contact),
        from_me=from_me,
        is_history=True,
    )


def _from_somebody(
    item: Item,
    message: Mapping[str, Any],
    *,
    peer: Identities,
    sender: Person,
    from_me: bool = False,
    is_history: bool = False,
) -> list[Event]:
    wire_id = bounded_key(text_of(message.get("id")))
    if not wire_id or not peer:
        return [_unreadable(item, "no id or sender", sender)]
    chat = chat_key(peer[0])
    is_group = peer[0].kind is IdentityKind.GROUP
    at = _moment(item, message)
    stored: dict[str, Any] = {"wire_id": wire_id, "chat": chat, "at": at, "raw": item}
    kind = text_of(message.get("type"))
    body = dict_of(message.get(kind))
    if kind == "reaction":
        return [
            Reacted(
                target=bounded_key(text_of(body.get("message_id"))),
                emoji=text_of(body.get("emoji")),
                sender=sender,
                peer=peer,
                from_me=from_me,
                is_group=is_group,
                **stored,
            )
        ]
    target = bounded_key(text_of(body.get("original_message_id")))
    if kind == "revoke" and target:
        return [Revoked(target=target, sender=sender, from_me=from_me, **stored)]
    if kind == "edit" and target:
        edited = parse_content(dict_of(body.get("message")))
        if edited is not None:
            return [Edited(target=target, content=edited, sender=sender, from_me=from_me, **stored)]
    content = parse_content(message)
    if content is None:
        return [_unreadable(item, f"type {kind}", sender, wire_id=wire_id, chat=chat, at=at)]
    cls = Echo if from_me else Inbound
    read = Message(
        peer=peer, sender=sender, content=content, is_group=is_group, is_history=is_history
    )
    events: list[Event] = [cls(message=read, **stored)]
    if kind == "system" and (link := _changed_identity(body, peer, stored)):
        events.insert(0, link)
    return events


def _changed_identity(
    system: Mapping[str, Any], peer: Identities, stored: dict[str, Any]
) -> IdentityLinked | None:
    """The person kept their chat but has a new number, or a new id."""
    kind = text_of(system.get("type"))
    if kind in {"user_changed_number", "customer_changed_number"}:
        new = phone_or_bsuid(text_of(system.get("new_wa_id")) or text_of(system.get("wa_id")))
        wanted = IdentityKind.PHONE
    elif kind == "user_changed_user_id":
        user_id = text_of(system.get("user_id"))
        new = Identity(IdentityKind.BSUID, user_id) if user_id else None
        wanted = IdentityKind.BSUID
    else:
        return None
    old = next((name for name in peer if name.kind is wanted), peer[0])
    if new is None or old == new:
        return None
    return IdentityLinked(a=old, b=new, replaces=old.kind is new.kind, **stored)


# Statuses and calls -------------------------------------------------------------------------


def _status(item: Item, status: Mapping[str, Any]) -> list[Event]:
    wire_id = bounded_key(text_of(status.get("id")))
    word = text_of(status.get("status"))
    if not wire_id or word not in set(Status):
        return [_unreadable(item, f"status {word}")]
    contact = dict_of(item.get("contact"))
    recipient_id = text_of(status.get("recipient_id"))
    if status.get("recipient_type") == "group":
        peer: Identity | None = Identity(IdentityKind.GROUP, recipient_id)
        names = identities(
            phone_or_bsuid(text_of(status.get("recipient_participant_id"))),
            contact=contact,
            user_id=text_of(status.get("recipient_participant_user_id")),
        )
    else:
        names = identities(
            phone_or_bsuid(recipient_id),
            contact=contact,
            user_id=text_of(status.get("recipient_user_id")),
        )
        peer = names[0] if names else None
    errors = dicts_in(status.get("errors"))
    return [
        Receipt(
            wire_id=wire_id,
            chat=chat_key(peer) if peer else "",
            at=_moment(item, status),
            raw=item,
            status=Status(word),
            recipient=names,
            opaque=text_of(status.get("biz_opaque_callback_data")),
            pricing=dict_of(status.get("pricing")) or None,
            error=error_of(errors[0]) if errors else None,
        )
    ]


def _call(item: Item, call: Mapping[str, Any]) -> list[Event]:
    contact = dict_of(item.get("contact"))
    outgoing = text_of(call.get("direction")) == "BUSINESS_INITIATED"
    names = identities(
        phone_or_bsuid(text_of(call.get("to" if outgoing else "from"))),
        contact=contact,
        user_id=text_of(call.get("to_user_id" if outgoing else "from_user_id")),
    )
    call_id, event = text_of(call.get("id")), text_of(call.get("event"))
    if not call_id or not names:
        return [_unreadable(item, "call")]
    return [
        Call(
            # One call is told several times: offered, then ended.
            wire_id=bounded_key(f"{call_id}:{event}"),
            chat=chat_key(names[0]),
            at=_moment(item, call),
            raw=item,
            status={"connect": "offered", "terminate": "ended"}.get(event, event),
            caller=_us(item) if outgoing else person(names, contact),
        )
    ]


# The account --------------------------------------------------------------------------------


def _preference(item: Item, preference: Mapping[str, Any]) -> list[Event]:
    names = identities(
        phone_or_bsuid(text_of(preference.get("wa_id"))),
        contact={},
        user_id=text_of(preference.get("user_id")),
    )
    value = text_of(preference.get("value"))
    if not names or value not in {"stop", "resume"}:
        return [_unreadable(item, "user preference")]
    return [
        MarketingPreference(
            wire_id=item_id(item),
            chat=chat_key(names[0]),
            at=_moment(item, preference),
            raw=item,
            person=Person(identities=names),
            wanted=value == "resume",
            category=text_of(preference.get("category")),
        )
    ]


def _value(item: Item, value: Mapping[str, Any]) -> list[Event]:
    """A change that is one event as a whole."""
    field = text_of(item.get("field"))
    if field not in NOTICES:
        return [_unreadable(item, f"field {field}")]
    events: list[Event] = [_notice(item, field, value)]
    if field == "account_update" and (changed := _account_state(value)):
        events.append(changed)
    return events


def _account_state(value: Mapping[str, Any]) -> StateChanged | None:
    event = text_of(value.get("event"))
    disconnection = dict_of(value.get("disconnection_info"))
    ban = text_of(dict_of(value.get("ban_info")).get("waba_ban_state"))
    state = _ACCOUNT_STATES.get(event) or _BAN_STATES.get(ban)
    if disconnection:
        state = State.LOGGED_OUT
    if state is None:
        return None
    reason = text_of(disconnection.get("reason")) or event or ban
    return StateChanged(state=state, reason=reason.lower()[:255])


def _error(item: Item, error: Mapping[str, Any]) -> list[Event]:
    return [_notice(item, "error", error)]


def _contact_sync(item: Item, entry: Mapping[str, Any]) -> list[Event]:
    return [_notice(item, "smb_app_state_sync", entry)]


def _notice(item: Item, name: str, data: Mapping[str, Any]) -> Notice:
    return Notice(
        wire_id=item_id(item), chat="", at=_moment(item, data), raw=item, name=name, data=data
    )


# --------------------------------------------------------------------------------------------


def _unreadable(
    item: Item,
    reason: str,
    sender: Person | None = None,
    *,
    wire_id: str = "",
    chat: str = "",
    at: datetime | None = None,
) -> Unreadable:
    return Unreadable(
        wire_id=wire_id or item_id(item),
        chat=chat,
        at=at or _moment(item, dict_of(item.get("item"))),
        raw=item,
        reason=clean(reason)[:255],
        sender=sender,
    )


def _group(message: Mapping[str, Any]) -> Identity | None:
    group_id = text_of(message.get("group_id"))
    return Identity(IdentityKind.GROUP, group_id) if group_id else None


def _us(item: Item) -> Person:
    """The number this item was sent to."""
    number = phone_or_bsuid(text_of(dict_of(item.get("metadata")).get("display_phone_number")))
    return Person(identities=(number,) if number else ())


def _moment(item: Item, member: Mapping[str, Any]) -> datetime:
    return moment_of(member.get("timestamp")) or moment_or_epoch(item.get("time"))


_READERS: dict[str, Callable[[Item, Mapping[str, Any]], list[Event]]] = {
    "message": _message,
    "echo": _echo,
    "history": _history,
    "status": _status,
    "call": _call,
    "preference": _preference,
    "contact_sync": _contact_sync,
    "error": _error,
    "value": _value,
}
