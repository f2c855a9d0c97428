"""People add, change and remove contacts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from companies.services import settings_of
from contacts.events import ContactCreated, ContactDeleted, ContactUpdated
from contacts.exceptions import (
    ContactExists,
    ContactNotFound,
    InvalidNumber,
    NumberNotOnNetwork,
)
from contacts.identity import Identity, match_key, phone_from
from contacts.models import Contact, ContactField, ContactIdentity, Tag, Wallet
from contacts.ports import block_on_network, check_number
from events.bus import publish
from whaticket.privacy import masked_number
from whaticket.tenancy import current_company_id

# Apps above that hang rows on contacts say what else goes with one, inside the same transaction.
_leavers: list[Callable[[Contact, User | None], None]] = []


def leaves_with_contacts(leave: Callable[[Contact, User | None], None]) -> None:
    """Register what an app does before a contact's rows go."""
    _leavers.append(leave)


def create_contact(
    *,
    name: str,
    number: str,
    by: User | None,
    fields: Sequence[Mapping[str, str]] = (),
    wallets: Iterable[int] = (),
    tags: Iterable[str] = (),
    verify: bool = True,
    **columns: Any,
) -> Contact:
    """Add a person by number, verified on the network where a connection can be asked.

    Raises InvalidNumber, NumberNotOnNetwork (ERR_CHECK_NUMBER) and ContactExists. The network is
    asked before the transaction begins.
    """
    phone = phone_from(number)
    if not phone:
        raise InvalidNumber
    identities = [Identity("phone", phone)]
    if verify and (known := check_number(phone)) is not None:
        if not known.exists:
            raise NumberNotOnNetwork
        phone = known.phone or phone
        identities = [Identity("phone", phone)]
        if known.lid:
            identities.append(Identity("lid", known.lid))
    columns.setdefault("accepts_audio", settings_of(current_company_id()).accepts_audio)
    with transaction.atomic():
        contact = Contact.objects.create(name=name.strip() or phone, address=phone, **columns)
        for identity in identities:
            _claim(contact, identity)
        _write_fields(contact, fields)
        set_wallet_rows(contact, wallets)
        contact.tags.add(*[_label(tag) for tag in tags])
        publish(ContactCreated(contact_id=contact.pk, by_id=by.pk if by else None))
    return contact


@transaction.atomic
def update_contact(
    contact: Contact,
    *,
    by: User | None,
    number: str | None = None,
    fields: Sequence[Mapping[str, str]] | None = None,
    wallets: Iterable[int] | None = None,
    tags: Iterable[str] | None = None,
    **columns: Any,
) -> Contact:
    """Change a contact; None stays. Raises ContactNotFound, InvalidNumber, ContactExists.

    A masked number comes back from who may not read it, and stays as well.
    """
    contact = lock_contact(contact.pk)
    is_new = number is not None and number not in {contact.address, masked_number(contact.address)}
    if number is not None and is_new and not contact.is_group:
        _renumber(contact, number)
    is_active = columns.get("is_active")
    if is_active is not None and is_active != contact.is_active:
        names = contact.identities.values_list("kind", "value")
        block_on_network(list(names), not is_active)
    for column, value in columns.items():
        if value is not None:
            setattr(contact, column, value)
    contact.updated_at = timezone.now()
    contact.save()
    if fields is not None:
        _write_fields(contact, fields)
    if wallets is not None:
        set_wallet_rows(contact, wallets)
    if tags is not None:
        lanes = contact.tags.filter(is_lane=True)
        contact.tags.set([*lanes, *[_label(tag) for tag in tags]])
    publish(ContactUpdated(contact_id=contact.pk, by_id=by.pk if by else None))
    return contact


@transaction.atomic
def toggle_contact(contact: Contact, column: str, *, by: User | None) -> Contact:
    """Turn one of a contact's switches over; raise ContactNotFound."""
    contact = lock_contact(contact.pk)
    turned: dict[str, Any] = {column: not getattr(contact, column)}
    return update_contact(contact, by=by, **turned)


@transaction.atomic
def delete_contact(contact: Contact, *, by: User | None) -> None:
    """Remove a contact with its tickets and messages (behaviour 33); raise ContactNotFound."""
    contact = lock_contact(contact.pk)
    contact_id = contact.pk
    for leave in _leavers:
        leave(contact, by)
    # Those merged into it go along: nobody could undo the merge any more.
    Contact.objects.filter(merged_into=contact).delete()
    contact.delete()
    publish(ContactDeleted(contact_id=contact_id, by_id=by.pk if by else None))


def contact_or_refuse(contact_id: int) -> Contact:
    """Give a contact that people see; raise ContactNotFound."""
    contact = Contact.objects.filter(pk=contact_id, merged_into=None).first()
    if contact is None:
        raise ContactNotFound
    return contact


def set_wallet_rows(contact: Contact, agent_ids: Iterable[int]) -> None:
    """Put a contact into exactly these agents' portfolios; strangers are left out."""
    wanted = set(
        User.objects.of_company(current_company_id())
        .filter(pk__in=list(agent_ids))
        .values_list("pk", flat=True)
    )
    Wallet.objects.filter(contact=contact).exclude(agent_id__in=wanted).delete()
    Wallet.objects.bulk_create(
        [Wallet(contact=contact, agent_id=pk) for pk in sorted(wanted)], ignore_conflicts=True
    )


def lock_contact(contact_id: int) -> Contact:
    """Lock a contact's row until the transaction ends; raise ContactNotFound."""
    contact = (
        Contact.objects.select_for_update(of=("self",))
        .filter(pk=contact_id, merged_into=None)
        .first()
    )
    if contact is None:
        raise ContactNotFound
    return contact


def _claim(contact: Contact, identity: Identity) -> None:
    kind, scope, match = identity.key
    try:
        # The constraint is the last word: the same person may write at this very moment.
        with transaction.atomic():
            ContactIdentity.objects.create(
                contact=contact, kind=kind, scope=scope, value=identity.value, match_key=match
            )
    except IntegrityError as error:
        raise ContactExists from error


def _renumber(contact: Contact, number: str) -> None:
    phone = phone_from(number)
    if not phone:
        raise InvalidNumber
    old = contact.address
    contact.address = phone
    if match_key("phone", phone) != match_key("phone", old):
        ContactIdentity.objects.filter(
            contact=contact, kind="phone", match_key=match_key("phone", old)
        ).delete()
        _claim(contact, Identity("phone", phone))


def _write_fields(contact: Contact, fields: Sequence[Mapping[str, str]]) -> None:
    ContactField.objects.filter(contact=contact).delete()
    ContactField.objects.bulk_create(
        [ContactField(contact=contact, name=f["name"], value=f["value"]) for f in fields]
    )


def _label(name: str) -> Tag:
    found = Tag.objects.filter(name=name, is_lane=False).order_by("pk").first()
    return found or Tag.objects.create(name=name, color="#A4CCCC")
