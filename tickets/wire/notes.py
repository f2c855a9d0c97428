"""Notes as clients read them."""

from tickets.sight import Sight
from tickets.wire.compiled import seen
from whaticket.database import read_rows, read_text
from whaticket.search import holds, like
from whaticket.shapes import Flag, Moment, Number, Part, Rows, Shape, Text, Word

PAGE = 20
# Of one contact nobody reads more; older ones are on the pages of the list.
_NEWEST = 500

_COLUMNS: dict[str, Part] = {
    "id": Number("n.id"),
    "note": Text("n.note"),
    "userId": Number("n.author_id", nullable=True),
    "contactId": Number("n.contact_id"),
    "ticketId": Number("n.ticket_id", nullable=True),
    "createdAt": Moment("n.created_at"),
    "updatedAt": Moment("n.updated_at"),
}
_USER = Shape(
    {"id": Number("u.id"), "name": Text("u.name"), "email": Text("u.email")},
    when="u.id IS NOT NULL",
)
_TICKET = Shape(
    {"id": Number("t.id"), "status": Word("t.status"), "createdAt": Moment("t.created_at")},
    when="t.id IS NOT NULL",
)
_WHOLE = Shape(
    {
        **_COLUMNS,
        "user": _USER,
        "contact": Shape({"id": Number("c.id"), "name": Text("c.name")}),
        "ticket": _TICKET,
    }
)
_JOINS = """JOIN contacts_contact c ON c.id = n.contact_id
    LEFT JOIN public.accounts_user u ON u.id = n.author_id
    LEFT JOIN tickets_ticket t ON t.id = n.ticket_id"""


def _hits(where: str, sight: str) -> str:
    """Select the notes of visible tickets, and those on a contact alone."""
    return f"""SELECT n.* FROM tickets_ticketnote n WHERE {where} AND (n.ticket_id IS NULL
        OR EXISTS (SELECT 1 FROM tickets_ticket
            WHERE tickets_ticket.id = n.ticket_id AND ({sight})))"""


def note_json(note_id: int) -> bytes | None:
    """Give one note's columns, or None; nobody's sight."""
    sql = f"SELECT {Shape(_COLUMNS).as_text()} FROM tickets_ticketnote n WHERE n.id = %s"
    rows = read_rows(sql, [note_id])
    return rows[0][0].encode() if rows else None


def note_list(
    sight: Sight, *, contact_id: int | None = None, ticket_id: int | None = None
) -> bytes:
    """Give the newest notes on a contact or ticket with who wrote them; one statement."""
    allowed, params = seen(sight)
    limits = (
        "(%s::bigint IS NULL OR n.contact_id = %s) AND (%s::bigint IS NULL OR n.ticket_id = %s)"
    )
    source = f"({_hits(limits, allowed)} ORDER BY n.id DESC LIMIT {_NEWEST}) n {_JOINS}"
    rows = Rows(_WHOLE, source, "n.id DESC")
    values = [contact_id, contact_id, ticket_id, ticket_id, *params]
    return read_text(f"SELECT {rows.as_text()}", values)


def note_page(sight: Sight, *, text: str = "", page: int = 1) -> bytes:
    """Give `{ticketNotes, count, hasMore}`, newest first; one statement."""
    allowed, params = seen(sight)
    parts: dict[str, Part] = {
        "ticketNotes": Rows(_WHOLE, f"page n {_JOINS}", "n.id DESC"),
        "count": Number("(SELECT count(*) FROM hits)"),
        "hasMore": Flag("(SELECT count(*) FROM hits) > %s + (SELECT count(*) FROM page)"),
    }
    sql = f"""
        WITH hits AS MATERIALIZED (
            {_hits(holds("public.folded(n.note)"), allowed)}
        ), page AS MATERIALIZED (SELECT * FROM hits ORDER BY id DESC LIMIT {PAGE} OFFSET %s)
        SELECT {Shape(parts).as_text()}
    """
    offset = (page - 1) * PAGE
    return read_text(sql, [like(text), *params, offset, offset])
