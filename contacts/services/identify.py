"""From what the network says about a sender to the one contact it means."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from companies.services import settings_of
from contacts.events import ContactCreated, ContactUpdated
from contacts.identity import Identity, address_of
from contacts.models import Contact, ContactIdentity
from contacts.services.merge import merge_contacts
from events.bus import Event, publish
from whaticket.tenancy import current_company_id

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Profile:
    """A person or group as one message shows it."""

    identities: tuple[Identity, ...]
    name: str = ""
    is_group: bool = False
    channel: str = "whatsapp"
    connection_id: int | None = None
    # None: as the company has it (behaviour 32).
    accepts_audio: bool | None = None


@transaction.atomic
def identify_contacts(profiles: Sequence[Profile]) -> list[Contact]:
    """Find or make the contact of each profile, in order; link identities seen together.

    A LID contact and a phone contact that turn out to be one person are merged (behaviour 26-29).
    The cost is a fixed number of statements for any number of profiles that are already known.
    """
    found = look_up({identity.key for profile in profiles for identity in profile.identities})
    news: list[Event] = []
    strangers = [p for p in profiles if not any(i.key in found for i in p.identities)]
    if strangers:
        found.update(_create(strangers, news))
    contacts = [_settle(profile, found, news) for profile in profiles]
    if news:
        publish(*news)
    return contacts


def look_up(keys: set[Key]) -> dict[Key, Contact]:
    """Give the contacts that are known by identities, by the identity's key; one statement."""
    rows = ContactIdentity.objects.filter(match_key__in={key[2] for key in keys})
    found = {}
    for row in rows.select_related("contact"):
        key = (row.kind, row.scope, row.match_key)
        if key in keys:
            found[key] = row.contact
    # One object per contact, whichever of its identities led to it.
    by_id = {contact.pk: contact for contact in found.values()}
    return {key: by_id[contact.pk] for key, contact in found.items()}


def _create(strangers: Sequence[Profile], news: list[Event]) -> dict[Key, Contact]:
    found: dict[Key, Contact] = {}
    company_accepts_audio = settings_of(current_company_id()).accepts_audio
    for profile in strangers:
        if any(identity.key in found for identity in profile.identities):
            continue
        address = address_of(profile.identities)
        contact = Contact(
            name=profile.name or address,
            address=address,
            is_group=profile.is_group,
            channel=profile.channel,
            connection_id=profile.connection_id,
            accepts_audio=(
                company_accepts_audio if profile.accepts_audio is None else profile.accepts_audio
            ),
        )
        for identity in profile.identities:
            found[identity.key] = contact
    Contact.objects.bulk_create({id(contact): contact for contact in found.values()}.values())
    identities = {identity.key: identity for p in strangers for identity in p.identities}
    ContactIdentity.objects.bulk_create(
        [identity_row(found[key], identities[key]) for key in found], ignore_conflicts=True
    )
    # Another transaction may have met the same stranger: whoever holds the identity row wins, and
    # an insert that found it waited for that transaction to end.
    settled = look_up(set(found))
    winners = {contact.pk for contact in settled.values()}
    losers = [c.pk for c in found.values() if c.pk not in winners]
    if losers:
        Contact.objects.filter(pk__in=losers).delete()
    created = {contact.pk for contact in found.values()} & winners
    news.extend(ContactCreated(contact_id=pk) for pk in sorted(created))
    return settled


def identity_row(contact: Contact, identity: Identity) -> ContactIdentity:
    """Make the row, not yet stored, by which a contact is known."""
    kind, scope, match = identity.key
    return ContactIdentity(
        contact=contact, kind=kind, scope=scope, value=identity.value, match_key=match
    )


def _settle(profile: Profile, found: dict[Key, Contact], news: list[Event]) -> Contact:
    known = [found[i.key] for i in profile.identities if i.key in found]
    contact = known[0]
    for other in known[1:]:
        if other.pk != contact.pk:
            # The phone's contact is what people know; a LID's is the guess made without it.
            keep, drop = sorted((contact, other), key=lambda c: (c.address.endswith("@lid"), c.pk))
            contact = merge_contacts(keep, drop, by=None)
            for key, owner in found.items():
                if owner.pk in {keep.pk, drop.pk}:
                    found[key] = contact
    missing = [i for i in profile.identities if i.key not in found]
    if missing:
        ContactIdentity.objects.bulk_create(
            [identity_row(contact, identity) for identity in missing], ignore_conflicts=True
        )
        found.update((identity.key, contact) for identity in missing)
        address = address_of(profile.identities)
        if contact.address.endswith("@lid") and address and not address.endswith("@lid"):
            _rename(contact, profile, address)
            news.append(ContactUpdated(contact_id=contact.pk))
    if profile.name and contact.name == contact.address and profile.name != contact.name:
        contact.name = profile.name
        contact.save(update_fields=["name"])
        news.append(ContactUpdated(contact_id=contact.pk))
    return contact


def _rename(contact: Contact, profile: Profile, address: str) -> None:
    if contact.name == contact.address:
        contact.name = profile.name or address
    contact.address = address
    contact.updated_at = timezone.now()
    contact.save(update_fields=["name", "address", "updated_at"])
