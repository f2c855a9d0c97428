"""Contacts in bulk, as other programs read them, and what is told of imports."""

from typing import Any

import orjson

from contacts.models import ContactImport
from contacts.wire import columns_sql, tags_sql, time_sql
from whaticket.database import read_rows
from whaticket.renderers import wire_time
from whaticket.tenancy import current_company_id


def import_row(row: ContactImport) -> dict[str, Any]:
    """How far an import is, and what was wrong with which row."""
    return {
        "id": row.pk,
        "fileName": row.file_name,
        "status": "done" if row.finished_at else "running",
        "total": row.total,
        "done": row.done,
        "created": row.created_count,
        "known": row.known_count,
        "failed": row.failed_count,
        "errors": row.errors,
        "userId": row.by_id,
        "createdAt": row.created_at,
        "finishedAt": row.finished_at,
    }


def import_json(row: ContactImport) -> bytes:
    """The same as JSON."""
    return orjson.dumps(import_row(row), default=wire_time, option=orjson.OPT_PASSTHROUGH_DATETIME)


def contacts_after(last_id: int, limit: int) -> list[tuple[int, bytes]]:
    """Give contacts past an id with tags and free fields, as JSON by id; one statement."""
    company_id = current_company_id()
    tag = f"""json_build_object('id', g.id, 'name', g.name, 'color', g.color,
        'updatedAt', {time_sql("g.updated_at")})"""
    sql = f"""
        SELECT c.id, json_build_object({columns_sql("c", company_id)},
            'tags', {tags_sql("c", tag)},
            'extraInfo', coalesce((SELECT json_agg(json_build_object('id', f.id, 'name', f.name,
                'value', f.value) ORDER BY f.id) FROM contacts_contactfield f
                WHERE f.contact_id = c.id), '[]'::json))::text
        FROM contacts_contact c WHERE c.id > %s AND c.merged_into_id IS NULL
        ORDER BY c.id LIMIT %s
    """  # noqa: S608 (fragments of our own; every value is a parameter)
    return [(pk, text.encode()) for pk, text in read_rows(sql, [last_id, limit])]
