"""What contacts asks of the phones behind connections: whom they know, whom they shut out."""

from collections.abc import Sequence

from contacts.ports import BookEntry
from dispatch.models import Outbox
from messaging.services.outbox import wake_after_commit
from whaticket.tenancy import current_company_id
from whatsapp.drivers.base import Capabilities, Identity, IdentityKind, chat_key
from whatsapp.drivers.registry import DriverUnavailable, UnknownDriver, capabilities_of
from whatsapp.exceptions import SessionNotRunning
from whatsapp.models import Connection
from whatsapp.services.ask import ask_session
from whatsapp.services.connections import default_connection

_BEST = ("phone", "lid", "bsuid", "parent_bsuid", "username")


def answer_address_book(source: str) -> list[BookEntry] | None:
    """Give whom the default connection's phone knows (behaviour 15); None where it cannot tell.

    `source`: "contacts" for its address book, "chats" for whom it has talked to. Raises
    NoDefaultConnection.
    """
    connection = default_connection()
    able = _capabilities(connection)
    if able is None or not (able.address_book if source == "contacts" else able.history):
        return None
    try:
        answer = ask_session(connection.pk, "address_book" if source == "contacts" else "chats")
    except SessionNotRunning:
        return None
    if "error" in answer:
        return None
    entries = []
    for person in answer["people"]:
        by_kind = dict(person["identities"])
        entries.append(BookEntry(by_kind.get("phone", ""), by_kind.get("lid", ""), person["name"]))
    return entries


def block_everywhere(identities: Sequence[tuple[str, str]], blocked: bool) -> None:
    """Leave the blocking of a person to every connection whose network can; the others cannot.

    Runs inside the caller's transaction; a session that does not run now does it when it does.
    """
    known = [Identity(IdentityKind(kind), value.removesuffix("@lid")) for kind, value in identities]
    known = [identity for identity in known if identity.kind in _BEST]
    if not known:
        return
    known.sort(key=lambda identity: _BEST.index(identity.kind))
    company_id = current_company_id()
    for connection in Connection.objects.order_by("pk"):
        able = _capabilities(connection)
        if able is None or not able.block:
            continue
        Outbox.objects.create(
            company_id=company_id,
            connection_id=connection.pk,
            chat=chat_key(known[0]),
            kind=Outbox.Kind.BLOCK,
            payload={"to": [[i.kind.value, i.value] for i in known], "blocked": blocked},
        )
        wake_after_commit(company_id, connection.pk)


def _capabilities(connection: Connection) -> Capabilities | None:
    try:
        return capabilities_of(connection.driver)
    except (UnknownDriver, DriverUnavailable):
        return None
