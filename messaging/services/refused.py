"""The network refused a change of ours: the message shows again what the customer sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from dispatch.models import Outbox
from events.bus import publish
from messaging.events import MessageChangeRefused, MessageDeleted
from messaging.models import Message
from messaging.services.lines import refresh_last_line
from whaticket.tenancy import current_company_id

# The customer has nothing of these: if they are sent at all, it is in the new wording.
_NOT_OUT = (Message.Status.QUEUED, Message.Status.FAILED)
# These tell of a failure of their own, which a refused change must not cover up.
_LOST = (Message.Status.FAILED, Message.Status.UNKNOWN)
# What a reaction's work says of the emoji it takes the place of.
_FORMER = ("former_id", "former", "at")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the network refused, in the ledger's words."""

    failure_class: str
    code: str
    reason: str


def edit_payload(message: Message, *, text: str, at: datetime) -> dict[str, Any]:
    """Say what an edit changes and from what, so that it can be undone; call before the change."""
    if message.status == Message.Status.QUEUED:
        # It leaves in its new wording, so there is nothing to go back to.
        return {"text": text}
    return {
        "text": text,
        "at": at.isoformat(),
        "former": message.body,
        "former_at": _written(message.edited_at),
    }


def revoke_payload(*, at: datetime) -> dict[str, Any]:
    """Say which deletion this is."""
    return {"at": at.isoformat()}


def reaction_payload(
    emoji: str, *, wire_id: str, former: Sequence[Message], at: datetime
) -> dict[str, Any]:
    """Say which emoji goes out under which id, and what it takes the place of at a moment."""
    payload: dict[str, Any] = {"emoji": emoji, "id": wire_id}
    if former:
        payload |= {"former_id": former[0].pk, "former": former[0].body, "at": at.isoformat()}
    return payload


def forget_refusal(message: Message) -> None:
    """Take away, on the object alone, what an earlier refused change left: a new try begins."""
    if message.data.pop("refused", None) is not None:
        message.failure_class = message.failure_code = message.failure_reason = ""


@transaction.atomic
def undo_refused_change(
    message_id: int, *, kind: str, payload: Mapping[str, Any], refusal: Refusal
) -> None:
    """Give a message back the wording, the existence or our emoji that the customer still sees.

    `kind` is the outbox's word for an edit, a deletion or a reaction, `payload` what was left
    there. What has changed the message since (a later edit that still waits, the phone itself)
    keeps its place. The reason stands on the message until the next try. Publishes
    MessageChangeRefused, and MessageDeleted of an emoji that goes.
    """
    message = Message.objects.select_for_update(no_key=True).filter(pk=message_id).first()
    if message is None:
        return
    fields = _UNDO[kind](message, payload)
    if fields is None:
        return
    if message.status not in _LOST:
        message.data["refused"] = kind
        message.failure_class = refusal.failure_class[:16]
        message.failure_code = refusal.code[:32]
        message.failure_reason = refusal.reason[:255]
    message.updated_at = timezone.now()
    message.save(
        update_fields=[
            *fields, "data", "failure_class", "failure_code", "failure_reason", "updated_at",
        ]
    )  # fmt: skip
    if "body" in fields:
        refresh_last_line(message)
    publish(
        MessageChangeRefused(message_id=message.pk, ticket_id=message.ticket_id, change=str(kind))
    )


def _undo_edit(message: Message, payload: Mapping[str, Any]) -> list[str] | None:
    former = payload.get("former")
    if former is None or message.status in _NOT_OUT:
        return None
    edits = message.data.get("edits", [])
    if _written(message.edited_at) == payload["at"]:
        _drop_last(edits, former)
        message.body = former
        message.edited_at = _read(payload["former_at"])
        return ["body", "edited_at"]
    # A later edit waits: what it would fall back to is no longer this wording.
    _drop_last(edits, payload["text"])
    for later in _waiting(message, Outbox.Kind.EDIT):
        if later.payload.get("former_at") == payload["at"]:
            later.payload |= {"former": former, "former_at": payload["former_at"]}
            later.save(update_fields=["payload"])
    return []


def _undo_revoke(message: Message, payload: Mapping[str, Any]) -> list[str] | None:
    if _written(message.deleted_at) != payload.get("at"):
        # The phone has deleted it meanwhile.
        return None
    if message.status in (*_LOST, Message.Status.QUEUED, Message.Status.SENDING):
        # Nothing proves that the customer ever had it, and nothing more will leave.
        return None
    message.deleted_at = None
    return ["deleted_at"]


def _undo_reaction(message: Message, payload: Mapping[str, Any]) -> list[str] | None:
    ours = Message.objects.filter(quoted=message, kind=Message.Kind.REACTION, from_me=True)
    given = ours.filter(wire_id=payload["id"]).first()
    standing = ours.filter(deleted_at=None).first()
    if standing is not None and standing != given:
        if given is not None:
            _fall_back_further(message, given, payload)
        return None
    now = timezone.now()
    if standing is not None:
        ours.filter(pk=standing.pk).update(body="", deleted_at=now, updated_at=now)
        publish(MessageDeleted(message_id=standing.pk, ticket_id=standing.ticket_id))
    former = ours.filter(pk=payload.get("former_id", 0)).first()
    if former is not None and _written(former.deleted_at) == payload["at"]:
        ours.filter(pk=former.pk).update(body=payload["former"], deleted_at=None, updated_at=now)
        publish(
            MessageChangeRefused(
                message_id=former.pk, ticket_id=former.ticket_id, change=Outbox.Kind.REACT
            )
        )
    return []


def _fall_back_further(message: Message, given: Message, payload: Mapping[str, Any]) -> None:
    """A later emoji waits: if it is refused, too, the customer has what stood before both."""
    for later in _waiting(message, Outbox.Kind.REACT):
        if later.payload.get("former_id") == given.pk:
            own = {name: later.payload[name] for name in ("emoji", "id")}
            later.payload = own | {name: payload[name] for name in _FORMER if name in payload}
            later.save(update_fields=["payload"])


def _waiting(message: Message, kind: str) -> QuerySet[Outbox]:
    return Outbox.objects.filter(
        company_id=current_company_id(),
        connection_id=message.connection_id or 0,
        message_id=message.pk,
        kind=kind,
    )


_UNDO: dict[str, Callable[[Message, Mapping[str, Any]], list[str] | None]] = {
    Outbox.Kind.EDIT: _undo_edit,
    Outbox.Kind.REVOKE: _undo_revoke,
    Outbox.Kind.REACT: _undo_reaction,
}


def _drop_last(texts: list[str], text: str) -> None:
    for place in range(len(texts) - 1, -1, -1):
        if texts[place] == text:
            del texts[place]
            return


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
