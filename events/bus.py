"""The one way in which apps hear of each other: facts, written beside the change they report."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, TypeVar

from django.db import connection, transaction

from events.models import EventRecord
from whaticket.tenancy import current_schema, in_schema


@dataclass(frozen=True, slots=True)
class Event:
    """A fact, named noun.past_participle; ids and plain values only."""

    name: ClassVar[str]


E = TypeVar("E", bound=Event)
Receiver = Callable[[Sequence[Any]], None]
_receivers: dict[type[Event], list[Receiver]] = defaultdict(list)
_companions: dict[type[Event], list[Receiver]] = defaultdict(list)


def on(*classes: type[Event]) -> Callable[[Receiver], Receiver]:
    """Register a reaction. It gets the events of one class and one transaction, in order."""

    def register(receiver: Receiver) -> Receiver:
        for event_class in classes:
            _receivers[event_class].append(receiver)
        return receiver

    return register


def within(*classes: type[Event]) -> Callable[[Receiver], Receiver]:
    """Register a write that belongs into the same commit as the event.

    It gets the events as a receiver does, but inside the publisher's transaction: what it writes
    is there exactly when the change is, and what it raises undoes both. So it only writes rows and
    leaves the network alone.
    """

    def register(receiver: Receiver) -> Receiver:
        for event_class in classes:
            _companions[event_class].append(receiver)
        return receiver

    return register


def publish(*events: Event) -> None:
    """Write events beside the change they report; call their receivers after the commit.

    Raises RuntimeError outside of a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(
            f"{events[0].name if events else 'nothing'} published outside a transaction"
        )
    EventRecord.objects.bulk_create([_record(event) for event in events])
    # Read the schema now: by commit time this connection may be serving another company.
    schema = current_schema()
    for event_class, group in _by_class(events):
        for receiver in _receivers[event_class]:
            # A nested def, not functools.partial: Django logs a failing robust hook by its
            # __qualname__, which a partial lacks, and that error would skip the other hooks.
            def call(receiver: Receiver = receiver, group: list[Event] = group) -> None:
                with in_schema(schema):
                    receiver(group)

            transaction.on_commit(call, robust=True)
        for companion in _companions[event_class]:
            companion(group)


def _record(event: Event) -> EventRecord:
    payload = asdict(event)
    return EventRecord(
        name=event.name,
        ticket_id=payload.get("ticket_id"),
        actor_id=payload.get("by_id"),
        payload=payload,
    )


def _by_class(events: Iterable[Event]) -> Iterable[tuple[type[Event], list[Event]]]:
    groups: dict[type[Event], list[Event]] = {}
    for event in events:
        groups.setdefault(type(event), []).append(event)
    return groups.items()


def event_classes() -> list[type[Event]]:
    """List every event the product knows, for guard tests and documentation."""
    found: list[type[Event]] = []
    pending = [Event]
    while pending:
        for subclass in pending.pop().__subclasses__():
            # A slotted dataclass leaves its slotless first draft behind in __subclasses__.
            if "__slots__" in subclass.__dict__ and fields(subclass) is not None:
                found.append(subclass)
            pending.append(subclass)
    return sorted(found, key=lambda event_class: event_class.name)
