"""Contacts as clients read them: JSON that PostgreSQL builds, one statement each.

The fragments (functions ending in `_sql`) are parts of read models of the apps above, too.
"""

from functools import lru_cache
from typing import Any

from whaticket.database import read_rows, read_text
from whaticket.marks import MARK
from whaticket.search import holds, holds_exactly, like
from whaticket.shapes import (
    Constant,
    Flag,
    Moment,
    Number,
    Part,
    Rows,
    Shape,
    Text,
    literal,
)
from whaticket.tenancy import current_company_id


def time_sql(column: str) -> str:
    """Write a moment as clients read it (rest.md §1)."""
    return Moment(column).as_json()


def picture_sql(c: str, company_id: int) -> str:
    """Write the address of a contact's picture, the stored one first: a mark, signed on its way."""
    base = literal(f"{MARK}contacts/")
    return (
        f"CASE WHEN {c}.picture_path <> '' THEN {base} || {c}.picture_path || '~'"
        f" ELSE nullif({c}.picture_url, '') END"
    )


def fields(c: str) -> Rows:
    """A contact's free fields (`extraInfo`)."""
    shape = Shape(
        {
            "id": Number("f.id"),
            "name": Text("f.name"),
            "value": Text("f.value"),
            "contactId": Number("f.contact_id"),
            "createdAt": Moment("f.created_at"),
            "updatedAt": Moment("f.updated_at"),
        }
    )
    return Rows(shape, f"contacts_contactfield f WHERE f.contact_id = {c}.id", "f.id")


def fields_sql(c: str) -> str:
    """Write a contact's free fields (`extraInfo`)."""
    return fields(c).as_json()


def tag_shape(g: str, company_id: int) -> Shape:
    """All columns of a tag."""
    return Shape(
        {
            "id": Number(f"{g}.id"),
            "name": Text(f"{g}.name"),
            "color": Text(f"{g}.color"),
            "companyId": Constant(company_id),
            "kanban": Number(f"{g}.is_lane::int"),
            "timeLane": Number(f"{g}.lane_hours"),
            "nextLaneId": Number(f"{g}.next_lane_id", nullable=True),
            "greetingMessageLane": Text(f"nullif({g}.lane_greeting, '')"),
            "rollbackLaneId": Number(f"coalesce({g}.rollback_lane_id, 0)"),
            "createdAt": Moment(f"{g}.created_at"),
            "updatedAt": Moment(f"{g}.updated_at"),
        }
    )


def tag_sql(g: str, company_id: int) -> str:
    """Write all columns of a tag."""
    return tag_shape(g, company_id).as_json()


def tags(c: str, shape: Part) -> Rows:
    """A contact's tags in a shape made of the alias `g`."""
    source = f"""contacts_contact_tags cg JOIN contacts_tag g ON g.id = cg.tag_id
        WHERE cg.contact_id = {c}.id"""
    return Rows(shape, source, "g.id")


def tags_sql(c: str, shape: str) -> str:
    """Write a contact's tags in a shape made of the alias `g`."""
    return f"""coalesce((SELECT json_agg({shape} ORDER BY g.id) FROM contacts_contact_tags cg
        JOIN contacts_tag g ON g.id = cg.tag_id WHERE cg.contact_id = {c}.id), '[]'::json)"""


def wallets_sql(c: str) -> str:
    """Write the agents who have a contact in their portfolio."""
    return f"""coalesce((SELECT json_agg(json_build_object('id', wu.id, 'name', wu.name)
        ORDER BY w.id) FROM contacts_wallet w JOIN public.accounts_user wu ON wu.id = w.agent_id
        WHERE w.contact_id = {c}.id), '[]'::json)"""


def jid_sql(c: str) -> str:
    """Write a contact's address on the network (`remoteJid`)."""
    return (
        f"CASE WHEN {c}.address = '' THEN NULL WHEN {c}.address LIKE '%%@%%' THEN {c}.address"
        f" WHEN {c}.is_group THEN {c}.address || '@g.us'"
        f" ELSE {c}.address || '@s.whatsapp.net' END"
    )


def mini(c: str, company_id: int) -> Shape:
    """ContactMini (rest.md §1.1)."""
    return Shape(
        {
            "id": Number(f"{c}.id"),
            "name": Text(f"{c}.name"),
            "number": Text(f"{c}.address"),
            "email": Text(f"{c}.email"),
            "profilePicUrl": Text(f"nullif({c}.picture_url, '')"),
            "acceptAudioMessage": Flag(f"{c}.accepts_audio"),
            "active": Flag(f"{c}.is_active"),
            "urlPicture": Text(picture_sql(c, company_id)),
            "companyId": Constant(company_id),
            "extraInfo": fields(c),
            "tags": tags(c, tag_shape("g", company_id)),
        }
    )


def mini_sql(c: str, company_id: int) -> str:
    """ContactMini (rest.md §1.1)."""
    return mini(c, company_id).as_json()


def columns_sql(c: str, company_id: int) -> str:
    """Write all Contact columns as arguments of json_build_object (models.md, Contact)."""
    return f"""'id', {c}.id, 'name', {c}.name, 'number', {c}.address,
        'profilePicUrl', nullif({c}.picture_url, ''), 'email', {c}.email, 'isGroup', {c}.is_group,
        'companyId', {company_id}, 'acceptAudioMessage', {c}.accepts_audio,
        'channel', {c}.channel, 'active', {c}.is_active, 'disableBot', {c}.bot_disabled,
        'remoteJid', {jid_sql(c)}, 'lgpdAcceptedAt', {time_sql(f"{c}.consented_at")},
        'urlPicture', {picture_sql(c, company_id)}, 'pictureUpdated', {c}.picture_path <> '',
        'whatsappId', {c}.connection_id,
        'lid', (SELECT i.value FROM contacts_contactidentity i
                WHERE i.contact_id = {c}.id AND i.kind = 'lid' ORDER BY i.id LIMIT 1),
        'createdAt', {time_sql(f"{c}.created_at")}, 'updatedAt', {time_sql(f"{c}.updated_at")}"""


def full_sql(c: str, company_id: int) -> str:
    """ContactFull (rest.md §1.1)."""
    return f"""json_build_object({columns_sql(c, company_id)}, 'extraInfo', {fields_sql(c)},
        'tags', {tags_sql(c, tag_sql("g", company_id))}, 'wallets', {wallets_sql(c)},
        'whatsapp', (SELECT json_build_object('id', n.id, 'name', n.name,
            'expiresTicket', n.expires_minutes,
            'groupAsTicket', CASE WHEN n.groups_as_tickets THEN 'enabled' ELSE 'disabled' END)
            FROM whatsapp_connection n WHERE n.id = {c}.connection_id))"""


def row(c: str, company_id: int) -> Shape:
    """ContactRow (rest.md §1.1)."""
    return Shape(
        {
            "id": Number(f"{c}.id"),
            "name": Text(f"{c}.name"),
            "number": Text(f"{c}.address"),
            "email": Text(f"{c}.email"),
            "isGroup": Flag(f"{c}.is_group"),
            "urlPicture": Text(picture_sql(c, company_id)),
            "active": Flag(f"{c}.is_active"),
            "companyId": Constant(company_id),
            "channel": Text(f"{c}.channel"),
            "tags": tags(c, Shape({"id": Number("g.id"), "name": Text("g.name")})),
        }
    )


@lru_cache(maxsize=4096)
def _one(company_id: int) -> str:
    return (
        f"SELECT {full_sql('c', company_id)}::text FROM contacts_contact c"
        " WHERE c.id = ANY(%s) AND c.merged_into_id IS NULL ORDER BY c.id"
    )


def contact_json(contact_id: int) -> bytes | None:
    """Give a contact (ContactFull) as JSON, or None where there is none; one statement."""
    return contacts_json([contact_id]).get(contact_id)


def contacts_json(contact_ids: list[int]) -> dict[int, bytes]:
    """Give contacts (ContactFull) as JSON by id; one statement for any number."""
    if not contact_ids:
        return {}
    sql = _one(current_company_id()).replace("SELECT ", "SELECT c.id, ", 1)
    return {pk: text.encode() for pk, text in read_rows(sql, [contact_ids])}


def columns_json(contact_ids: list[int]) -> bytes:
    """Give all columns of contacts, in the order of their ids here; one statement."""
    sql = f"""SELECT coalesce(json_agg(json_build_object({columns_sql("c", current_company_id())})
        ORDER BY array_position(%s::bigint[], c.id)), '[]'::json)::text
        FROM contacts_contact c WHERE c.id = ANY(%s)"""
    return read_text(sql, [contact_ids, contact_ids])


# ---------------------------------------------------------------------------- lists

PAGE = 100


def contact_list(
    *, text: str = "", tag_ids: list[int] | None = None, groups: bool = True, page: int = 1
) -> bytes:
    """Give a page of contacts by name with their number; one statement.

    `text` is part of a name, whatever its accents and case, or of a number.
    """
    where = ["c.merged_into_id IS NULL"]
    params: list[Any] = []
    if text:
        found, params = found_by(text, "c")
        where.append(found)
    if tag_ids:
        where.append(
            "EXISTS (SELECT 1 FROM contacts_contact_tags ct"
            " WHERE ct.contact_id = c.id AND ct.tag_id = ANY(%s))"
        )
        params.append(tag_ids)
    if not groups:
        where.append("NOT c.is_group")
    offset = (page - 1) * PAGE
    sql = _list_statement(
        current_company_id(),
        " AND ".join(where),
        groups=groups,
        is_search=bool(text or tag_ids),
        has_offset=bool(offset),
    )
    return read_text(sql, [*params, *([offset] if offset else [])])


@lru_cache(maxsize=4096)
def _list_statement(
    company_id: int, limits: str, *, groups: bool, is_search: bool, has_offset: bool
) -> str:
    source, hits = "contacts_contact c", ""
    total = "SELECT coalesce(sum(amount), 0) FROM contacts_contactcount"
    if not groups:
        total += " WHERE NOT is_group"
    if is_search:
        # Found once, by their indexes, then sorted and counted: walking the names in order until
        # a page of hits has come by takes long where hits are rare.
        hits = f"""hits AS MATERIALIZED (
            SELECT c.id, c.folded_name FROM contacts_contact c WHERE {limits}), """
        source, total, limits = "hits c", "SELECT count(*) FROM hits", "true"
    rows = Rows(
        row("c", company_id),
        f"""(SELECT * FROM page ORDER BY folded, id LIMIT {PAGE}) p
            JOIN contacts_contact c ON c.id = p.id""",
        "p.folded, p.id",
    )
    parts: dict[str, Part] = {
        "contacts": rows,
        "count": Number(f"({total})"),
        "hasMore": Flag(f"(SELECT count(*) FROM page) > {PAGE}"),
    }
    return f"""
        WITH {hits} page AS MATERIALIZED (
            SELECT c.id, c.folded_name AS folded FROM {source} WHERE {limits}
            ORDER BY c.folded_name, c.id LIMIT {PAGE + 1} {"OFFSET %s" if has_offset else ""}
        )
        SELECT {Shape(parts).as_text()}
    """


def found_by(text: str, c: str) -> tuple[str, list[str]]:
    """Write that a contact is found by part of a name or of a number, with the parameters."""
    where = f"({holds(f'{c}.folded_name')} OR {holds_exactly(f'{c}.address')})"
    return where, [like(text), like(text.lower())]


def named_contacts(name: str) -> bytes:
    """Give all columns of the contacts whose name has a part (letter case counts), by name."""
    sql = f"""SELECT coalesce(json_agg(json_build_object({columns_sql("c", current_company_id())})
        ORDER BY c.name, c.id), '[]'::json)::text FROM contacts_contact c
        WHERE c.merged_into_id IS NULL AND {holds_exactly("c.name")}"""
    return read_text(sql, [like(name)])


# ---------------------------------------------------------------------------- tags

TAG_PAGE = 20
# So many carriers of a tag are named; a label on a million contacts must not fill a list.
MOST_CARRIERS = 1000


# Merged contacts are few, and found by their index.
_NOT_MERGED = """NOT EXISTS (SELECT 1 FROM contacts_contact merged
        WHERE merged.id = bt.contact_id AND merged.merged_into_id IS NOT NULL)"""


def _carriers(g: str) -> Rows:
    """Who carries a tag."""
    shape = Shape({"id": Number("b.id"), "name": Text("b.name"), "number": Text("b.address")})
    # Only who is named is looked up: asking the others, too, would read all contacts for each tag.
    source = f"""(SELECT bt.contact_id FROM contacts_contact_tags bt
        WHERE bt.tag_id = {g}.id AND {_NOT_MERGED} ORDER BY bt.id LIMIT {MOST_CARRIERS}) first
        JOIN contacts_contact b ON b.id = first.contact_id"""
    return Rows(shape, source, "b.folded_name, b.id")


def _cards(g: str) -> Rows:
    """The tickets in a lane."""
    shape = Shape({"ticketId": Number("lt.ticket_id"), "tagId": Number("lt.tag_id")})
    source = f"""(SELECT ticket_id, tag_id FROM tickets_ticket_tags WHERE tag_id = {g}.id
        ORDER BY id LIMIT {MOST_CARRIERS}) lt"""
    return Rows(shape, source, "lt.ticket_id")


def tag_list(*, text: str = "", lanes: bool = False) -> bytes:
    """Give tags by name, each with its contacts and their number; one statement."""
    parts = dict(tag_shape("g", current_company_id()).parts)
    del parts["createdAt"], parts["updatedAt"]
    parts |= {
        "contacts": _carriers("g"),
        "contactsCount": Number(
            "(SELECT count(*) FROM contacts_contact_tags bt"
            f" WHERE bt.tag_id = g.id AND {_NOT_MERGED})"
        ),
    }
    source = f"contacts_tag g WHERE g.is_lane = %s AND {holds('public.folded(g.name)')}"
    rows = Rows(Shape(parts), source, "public.folded(g.name), g.id")
    return read_text(f"SELECT {rows.as_text()}", [lanes, like(text)])


def tag_page(
    *, text: str = "", lanes: bool = False, without: int | None = None, page: int = 1
) -> bytes:
    """Give a page of tags by name: labels with their contacts, lanes with their tickets."""
    carriers = {"ticketTags": _cards("g")} if lanes else {"contacts": _carriers("g")}
    shape = Shape(
        {"id": Number("g.id"), "name": Text("g.name"), "color": Text("g.color"), **carriers}
    )
    parts: dict[str, Part] = {
        "tags": Rows(shape, "page g", "g.folded, g.id"),
        "count": Number("(SELECT count(*) FROM hits)"),
        "hasMore": Flag("(SELECT count(*) FROM hits) > %s + (SELECT count(*) FROM page)"),
    }
    sql = f"""
        WITH hits AS MATERIALIZED (
            SELECT t.id, t.name, t.color, public.folded(t.name) AS folded FROM contacts_tag t
            WHERE t.is_lane = %s AND t.id IS DISTINCT FROM %s
              AND {holds("public.folded(t.name)")}
        ), page AS MATERIALIZED (
            SELECT * FROM hits ORDER BY folded, id LIMIT {TAG_PAGE} OFFSET %s
        )
        SELECT {Shape(parts).as_text()}
    """
    offset = (page - 1) * TAG_PAGE
    return read_text(sql, [lanes, without, like(text), offset, offset])


def lanes_json() -> bytes:
    """Give `{lista}`: the lanes of the board in the order in which they were made."""
    lanes = Rows(tag_shape("g", current_company_id()), "contacts_tag g WHERE g.is_lane", "g.id")
    return read_text(f"SELECT {Shape({'lista': lanes}).as_text()}")


def tags_json(
    tag_ids: list[int], *, contacts: bool = False, cards: bool = False
) -> dict[int, bytes]:
    """Give all columns of tags by id, with who carries them as a list would; one statement."""
    parts = dict(tag_shape("g", current_company_id()).parts)
    if contacts:
        parts["contacts"] = _carriers("g")
    if cards:
        parts["ticketTags"] = _cards("g")
    sql = f"SELECT g.id, {Shape(parts).as_text()} FROM contacts_tag g WHERE g.id = ANY(%s)"
    return {pk: text.encode() for pk, text in read_rows(sql, [tag_ids])}
