"""Labels and lanes, and which contact carries which."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection as database
from django.db import transaction
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
# Rooms above that time their rows by a lane hear of a change of its rules, in that transaction.
_timers: list[Callable[[Tag], None]] = []


def follows_lanes(plan: Callable[[Tag], None]) -> None:
    """Register what a room does when a lane's time or successor changed."""
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
    tag = Tag(name=name, color=color, is_lane=is_lane, **columns)
    _check_lanes(tag)
    tag.save()
    publish(TagCreated(tag_id=tag.pk, by_id=by.pk if by else None))
    return tag


@transaction.atomic
def update_tag(tag: Tag, *, by: User, **columns: Any) -> Tag:
    """Change a tag. Lanes are the administrators' (rest.md §11).

    Raises NoPermission, TagNotFound (also for a lane to go to), FeatureNotInPlan, and Invalid for
    a label that would become a lane or the reverse: contacts and tickets already carry it as it is.
    """
    locked = Tag.objects.select_for_update(no_key=True).filter(pk=tag.pk).first()
    if locked is None:
        raise TagNotFound
    if (locked.is_lane or columns.get("is_lane")) and not by.is_admin:
        raise NoPermission
    if columns.get("is_lane", locked.is_lane) != locked.is_lane:
        raise Invalid(details={"kanban": ["A label stays a label, and a lane a lane."]})
    if locked.is_lane:
        require_feature(current_company_id(), KANBAN)
    timing = (locked.lane_hours, locked.next_lane_id)
    for name, value in columns.items():
        setattr(locked, name, value)
    _check_lanes(locked)
    locked.save()
    if timing != (locked.lane_hours, locked.next_lane_id):
        for plan in _timers:
            plan(locked)
    publish(TagUpdated(tag_id=locked.pk, by_id=by.pk))
    return locked


@transaction.atomic
def delete_tag(tag: Tag, *, by: User | None) -> None:
    """Remove a tag from everything that carries it, and for good; raise TagNotFound."""
    locked = Tag.objects.select_for_update().filter(pk=tag.pk).first()
    if locked is None:
        raise TagNotFound
    tag_id = locked.pk
    locked.delete()
    publish(TagDeleted(tag_id=tag_id, by_id=by.pk if by else None))


@transaction.atomic
def set_contact_tags(contact: Contact, tag_ids: Iterable[int], *, by: User | None) -> None:
    """Have a contact carry exactly these tags; raise ContactNotFound or TagNotFound."""
    contact = lock_contact(contact.pk)
    wanted = set(tag_ids)
    # Held, so that a tag removed at this moment is missing here and not an error there.
    tags = list(Tag.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True))
    if len(tags) != len(wanted):
        raise TagNotFound
    if set(contact.tags.values_list("pk", flat=True)) == wanted:
        return
    contact.tags.set(tags)
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


def _check_lanes(tag: Tag) -> None:
    targets = {"nextLaneId": tag.next_lane_id, "rollbackLaneId": tag.rollback_lane_id}
    wanted = {pk for pk in targets.values() if pk is not None}
    if not wanted:
        return
    if tag.pk in wanted:
        raise Invalid(
            details={
                name: ["A lane does not lead to itself."]
                for name, pk in targets.items()
                if pk == tag.pk
            }
        )
    if Tag.objects.filter(pk__in=wanted, is_lane=True).count() != len(wanted):
        raise TagNotFound
