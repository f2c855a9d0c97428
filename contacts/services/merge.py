"""Two contacts that are one person become one; the journal allows to take them apart again."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from contacts.events import ContactsMerged, ContactsUnmerged
from contacts.exceptions import MergeAlreadyUndone, MergeNotPossible
from contacts.models import Contact, ContactField, ContactIdentity, ContactMerge, Wallet
from events.bus import publish

Journal = dict[str, Any]
# Both get the whole journal: an app finds there what the apps below it have already moved (or
# will move back after it), under their names.
Mover = Callable[[Contact, Contact, Journal], Journal]
Returner = Callable[[Contact, Contact, Journal], None]

# Apps above hang rows on contacts; each says how its rows move, inside the same transaction.
_movers: dict[str, tuple[Mover, Returner]] = {}


def moves_with_contacts(app: str, *, move: Mover, back: Returner) -> None:
    """Register how an app's rows follow a contact into another, and back.

    Apps move in the order of registration, which is the order of the installed apps, and go back
    in the opposite one. What `move(keep, drop, journal)` returns is kept as `journal[app]`.
    """
    _movers[app] = (move, back)


@transaction.atomic
def merge_contacts(keep: Contact, drop: Contact, *, by: User | None) -> Contact:
    """Fold one contact into another: identities, fields, tags, wallets, tickets.

    The folded contact stays as a hidden row until the merge can no longer be undone. Raises
    MergeNotPossible for the same contact twice or a group and a person.
    """
    locked = {
        c.pk: c
        for c in Contact.objects.select_for_update()
        .filter(pk__in=[keep.pk, drop.pk])
        .order_by("pk")
    }
    if len(locked) != 2 or keep.is_group != drop.is_group:
        raise MergeNotPossible
    if any(contact.merged_into_id for contact in locked.values()):
        raise MergeNotPossible
    keep, drop = locked[keep.pk], locked[drop.pk]
    journal: Journal = {
        "identities": _repoint(ContactIdentity, keep, drop),
        "fields": _repoint(ContactField, keep, drop),
        "wallets": _copy_wallets(keep, drop),
        "tags": _copy_tags(keep, drop),
        "name": keep.name,
        "address": keep.address,
    }
    for app, (move, _back) in _movers.items():
        journal[app] = move(keep, drop, journal)
    if keep.address.endswith("@lid") and drop.address and not drop.address.endswith("@lid"):
        keep.address = drop.address
    keep.updated_at = timezone.now()
    keep.save(update_fields=["address", "updated_at"])
    drop.merged_into = keep
    drop.save(update_fields=["merged_into"])
    merge = ContactMerge.objects.create(kept=keep, merged=drop, journal=journal, by=by)
    publish(
        ContactsMerged(
            contact_id=keep.pk, merged_id=drop.pk, merge_id=merge.pk, by_id=by.pk if by else None
        )
    )
    return keep


@transaction.atomic
def undo_merge(merge: ContactMerge, *, by: User | None) -> Contact:
    """Take two merged contacts apart as far as their rows still exist; raise MergeAlreadyUndone."""
    won = ContactMerge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=timezone.now())
    if not won:
        raise MergeAlreadyUndone
    merge.refresh_from_db()
    locked = _lock(merge.kept_id, merge.merged_id)
    keep, drop = locked[merge.kept_id], locked[merge.merged_id]
    if keep.merged_into_id or drop.merged_into_id != keep.pk:
        # A later merge stands on this one and has to be undone first.
        raise MergeAlreadyUndone
    journal = merge.journal
    drop.merged_into = None
    drop.save(update_fields=["merged_into"])
    ContactIdentity.objects.filter(pk__in=journal["identities"], contact=keep).update(contact=drop)
    ContactField.objects.filter(pk__in=journal["fields"], contact=keep).update(contact=drop)
    Wallet.objects.filter(pk__in=journal["wallets"], contact=keep).delete()
    keep.tags.remove(*journal["tags"])
    for app, (_move, back) in reversed(_movers.items()):
        if app in journal:
            back(keep, drop, journal)
    keep.address = journal["address"]
    keep.updated_at = timezone.now()
    keep.save(update_fields=["address", "updated_at"])
    publish(
        ContactsUnmerged(
            contact_id=keep.pk,
            restored_id=drop.pk,
            merge_id=merge.pk,
            by_id=by.pk if by else None,
        )
    )
    return drop


def _lock(*pks: int) -> dict[int, Contact]:
    """Lock contacts in one order: nobody refers to them anew until the transaction ends."""
    rows = Contact.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    return {contact.pk: contact for contact in rows}


def _repoint(model: Any, keep: Contact, drop: Contact) -> list[int]:
    ids = list(model.objects.filter(contact=drop).values_list("pk", flat=True))
    model.objects.filter(pk__in=ids).update(contact=keep)
    return ids


def _copy_wallets(keep: Contact, drop: Contact) -> list[int]:
    held = set(keep.wallets.values_list("agent_id", flat=True))
    new = [
        Wallet(contact=keep, agent_id=agent_id)
        for agent_id in drop.wallets.values_list("agent_id", flat=True)
        if agent_id not in held
    ]
    return [wallet.pk for wallet in Wallet.objects.bulk_create(new)]


def _copy_tags(keep: Contact, drop: Contact) -> list[int]:
    held = set(keep.tags.values_list("pk", flat=True))
    new = [pk for pk in drop.tags.values_list("pk", flat=True) if pk not in held]
    keep.tags.add(*new)
    return new
