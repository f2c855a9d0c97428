"""Contacts as clients read them: JSON that PostgreSQL builds, one statement each.

The fragments (functions ending in `_sql`) are parts of read models of the rooms above, too.
"""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection

from whaticket.tenancy import current_company_id


def literal(text: str) -> str:
    """Write a text of ours (never a client's) into a statement that takes parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def time_sql(column: str) -> str:
    """Write a moment as clients read it: ISO 8601, UTC, milliseconds (rest.md §1)."""
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


def picture_sql(c: str, company_id: int) -> str:
    """Write the address of a contact's picture, the stored one first."""
    base = literal(f"{settings.BACKEND_URL}/public/company{company_id}/contacts/")
    return (
        f"CASE WHEN {c}.picture_path <> '' THEN {base} || {c}.picture_path"
        f" ELSE nullif({c}.picture_url, '') END"
    )


def fields_sql(c: str) -> str:
    """Write a contact's free fields (`extraInfo`)."""
    return f"""coalesce((SELECT json_agg(json_build_object(
        'id', f.id, 'name', f.name, 'value', f.value, 'contactId', f.contact_id,
        'createdAt', {time_sql("f.created_at")}, 'updatedAt', {time_sql("f.updated_at")})
        ORDER BY f.id) FROM contacts_contactfield f WHERE f.contact_id = {c}.id), '[]'::json)"""


def tag_sql(g: str, company_id: int) -> str:
    """Write all columns of a tag."""
    return f"""json_build_object('id', {g}.id, 'name', {g}.name, 'color', {g}.color,
        'companyId', {company_id}, 'kanban', {g}.is_lane::int, 'timeLane', {g}.lane_hours,
        'nextLaneId', {g}.next_lane_id, 'greetingMessageLane', nullif({g}.lane_greeting, ''),
        'rollbackLaneId', coalesce({g}.rollback_lane_id, 0),
        'createdAt', {time_sql(f"{g}.created_at")}, 'updatedAt', {time_sql(f"{g}.updated_at")})"""


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


def mini_sql(c: str, company_id: int) -> str:
    """ContactMini (rest.md §1.1)."""
    return f"""json_build_object('id', {c}.id, 'name', {c}.name, 'number', {c}.address,
        'email', {c}.email, 'profilePicUrl', nullif({c}.picture_url, ''),
        'acceptAudioMessage', {c}.accepts_audio, 'active', {c}.is_active,
        'urlPicture', {picture_sql(c, company_id)}, 'companyId', {company_id},
        'extraInfo', {fields_sql(c)}, 'tags', {tags_sql(c, tag_sql("g", company_id))})"""


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


def row_sql(c: str, company_id: int) -> str:
    """ContactRow (rest.md §1.1)."""
    tag = "json_build_object('id', g.id, 'name', g.name)"
    return f"""json_build_object('id', {c}.id, 'name', {c}.name, 'number', {c}.address,
        'email', {c}.email, 'isGroup', {c}.is_group, 'urlPicture', {picture_sql(c, company_id)},
        'active', {c}.is_active, 'companyId', {company_id}, 'channel', {c}.channel,
        'tags', {tags_sql(c, tag)})"""


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
    with connection.cursor() as cursor:
        cursor.execute(sql, [contact_ids])
        return {pk: text.encode() for pk, text in cursor.fetchall()}


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
        where.append("(c.folded_name LIKE public.folded(%s) OR c.address LIKE %s)")
        params += [like(text), like(text)]
    if tag_ids:
        where.append(
            "EXISTS (SELECT 1 FROM contacts_contact_tags ct"
            " WHERE ct.contact_id = c.id AND ct.tag_id = ANY(%s))"
        )
        params.append(tag_ids)
    if not groups:
        where.append("NOT c.is_group")
    limits = " AND ".join(where)
    offset = (page - 1) * PAGE
    company_id = current_company_id()
    sql = f"""
        WITH page AS (
            SELECT c.id, c.folded_name AS folded FROM contacts_contact c WHERE {limits}
            ORDER BY c.folded_name, c.id LIMIT {PAGE + 1} OFFSET %s
        ), total AS (SELECT count(*) AS n FROM contacts_contact c WHERE {limits})
        SELECT json_build_object(
            'contacts', coalesce((SELECT json_agg({row_sql("c", company_id)}
                ORDER BY p.folded, p.id)
                FROM (SELECT * FROM page ORDER BY folded, id LIMIT {PAGE}) p
                JOIN contacts_contact c ON c.id = p.id), '[]'::json),
            'count', (SELECT n FROM total),
            'hasMore', (SELECT count(*) FROM page) > {PAGE})::text
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, offset, *params])
        return cursor.fetchone()[0].encode()


def like(text: str) -> str:
    """Write a search text as a pattern that matches it literally, anywhere."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"


def named_contacts(name: str) -> bytes:
    """Give all columns of the contacts whose name has a part (letter case counts), by name."""
    sql = f"""SELECT coalesce(json_agg(json_build_object({columns_sql("c", current_company_id())})
        ORDER BY c.name, c.id), '[]'::json)::text FROM contacts_contact c
        WHERE c.merged_into_id IS NULL AND c.name LIKE %s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [like(name)])
        return cursor.fetchone()[0].encode()
