"""Labels and lanes, and which contact carries which."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from billing.services import require_feature
from contacts.events import ContactUpdated, TagCreated, TagDeleted, TagUpdated
from contacts.exceptions import TagNotFound
from contacts.models import Contact, Tag
from contacts.services.edit import lock_contact
from events.bus import publish
from whaticket.exceptions import Invalid, NoPermission
from whaticket.tenancy import current_company_id, current_schema

KANBAN = "useKanban"
SHORTEST_NAME, LONGEST_NAME = 3, 255
COLOR = re.compile(r"#[0-9a-fA-F]{3,8}")
DEFAULT_COLOR = "#A4CCCC"
# Ten years: whoever waits longer does not wait.
MOST_HOURS = 87_600
# What every kind of connection can send in one message.
LONGEST_GREETING = 4096
# Apps above that time their rows by a lane hear of a change of its rules, in that transaction.
_timers: list[Callable[[Tag], None]] = []


def follows_lanes(plan: Callable[[Tag], None]) -> None:
    """Register what an app does when a lane's time or successor changed."""
    _timers.append(plan)


def tag_or_refuse(tag_id: int) -> Tag:
    """Give a tag; raise TagNotFound."""
    tag = Tag.objects.filter(pk=tag_id).first()
    if tag is None:
        raise TagNotFound
    return tag


@transaction.atomic
def create_tag(*, name: str, color: str, is_lane: bool, by: User | None, **columns: Any) -> Tag:
    """Give the tag of that name, colour and kind; make it where there is none (rest.md §11).

    What is found stays as it is. Raises TagNotFound for a lane to go to that is none of this
    company's, and FeatureNotInPlan for a lane where the plan has no board.
    """
    if is_lane:
        require_feature(current_company_id(), KANBAN)
    _only_one_at_a_time()
    found = Tag.objects.filter(name=name, color=color, is_lane=is_lane).order_by("pk").first()
    if found is not None:
        return found
    targets = _targets(columns)
    _check_lanes(targets, _hold(targets.values()))
    tag = Tag.objects.create(name=name, color=color, is_lane=is_lane, **columns)
    publish(TagCreated(tag_id=tag.pk, by_id=by.pk if by else None))
    return tag


@transaction.atomic
def update_tag(tag: Tag, *, by: User, **columns: Any) -> Tag:
    """Change a tag. Lanes are the administrators' (rest.md §11).

    Raises NoPermission, TagNotFound (also for a lane to go to), FeatureNotInPlan, and Invalid for
    a label that would become a lane or the reverse: contacts and tickets already carry it as it is.
    """
    targets = _targets(columns)
    held = _hold({tag.pk, *targets.values()})
    if tag.pk not in held:
        raise TagNotFound
    locked = held[tag.pk]
    if (locked.is_lane or columns.get("is_lane")) and not by.is_admin:
        raise NoPermission
    if columns.get("is_lane", locked.is_lane) != locked.is_lane:
        raise Invalid(details={"kanban": ["A label stays a label, and a lane a lane."]})
    if locked.is_lane:
        require_feature(current_company_id(), KANBAN)
    timing = (locked.lane_hours, locked.next_lane_id)
    _check_lanes(targets, held, tag_id=locked.pk)
    for name, value in columns.items():
        setattr(locked, name, value)
    locked.save()
    if timing != (locked.lane_hours, locked.next_lane_id):
        for plan in _timers:
            plan(locked)
    publish(TagUpdated(tag_id=locked.pk, by_id=by.pk))
    return locked


@transaction.atomic
def delete_tag(tag: Tag, *, by: User | None) -> None:
    """Remove a tag from everything that carries it, and for good; raise TagNotFound."""
    tag_id = tag.pk
    # With the lanes that lead there, which will lead nowhere: whoever moves a ticket holds the lane
    # it enters, and must not wait for us while we wait for that lane.
    rows = Tag.objects.filter(Q(pk=tag_id) | Q(next_lane=tag_id) | Q(rollback_lane=tag_id))
    held = {row.pk: row for row in rows.order_by("pk").select_for_update()}
    if tag_id not in held:
        raise TagNotFound
    held[tag_id].delete()
    publish(TagDeleted(tag_id=tag_id, by_id=by.pk if by else None))


@transaction.atomic
def set_contact_tags(contact: Contact, tag_ids: Iterable[int], *, by: User | None) -> None:
    """Have a contact carry exactly these tags; raise ContactNotFound or TagNotFound."""
    contact = lock_contact(contact.pk)
    wanted = set(tag_ids)
    # Held, so that a tag removed at this moment is missing here and not an error there.
    tags = _hold(wanted)
    if len(tags) != len(wanted):
        raise TagNotFound
    if set(contact.tags.values_list("pk", flat=True)) == wanted:
        return
    contact.tags.set(tags.values())
    _touch(contact)
    publish(ContactUpdated(contact_id=contact.pk, by_id=by.pk if by else None))


@transaction.atomic
def remove_tag_from_contact(tag: Tag, contact: Contact, *, by: User | None) -> None:
    """Take a tag off a contact; one it does not carry changes nothing. Raises ContactNotFound."""
    contact = lock_contact(contact.pk)
    if not contact.tags.filter(pk=tag.pk).exists():
        return
    contact.tags.remove(tag)
    _touch(contact)
    by_id = by.pk if by else None
    publish(
        TagUpdated(tag_id=tag.pk, by_id=by_id),
        ContactUpdated(contact_id=contact.pk, by_id=by_id),
    )


def _touch(contact: Contact) -> None:
    Contact.objects.filter(pk=contact.pk).update(updated_at=timezone.now())


def _only_one_at_a_time() -> None:
    """Let two who make the same tag at once find one; ends with the transaction."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{current_schema()}:new tag"]
        )


def _targets(columns: Mapping[str, Any]) -> dict[str, int]:
    """Give the lanes that a change leads to, by their names on the wire."""
    named = {"nextLaneId": "next_lane_id", "rollbackLaneId": "rollback_lane_id"}
    return {wire: columns[name] for wire, name in named.items() if columns.get(name)}


def _hold(tag_ids: Iterable[int]) -> dict[int, Tag]:
    """Lock tags that there are, in one order for everybody; what is missing is not among them."""
    rows = Tag.objects.filter(pk__in=set(tag_ids)).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in rows}


def _check_lanes(
    targets: Mapping[str, int], held: Mapping[int, Tag], *, tag_id: int | None = None
) -> None:
    itself = [name for name, pk in targets.items() if pk == tag_id]
    if itself:
        raise Invalid(details={name: ["A lane does not lead to itself."] for name in itself})
    if not all(pk in held and held[pk].is_lane for pk in targets.values()):
        raise TagNotFound
