"""How much the external API is used, day by day (behaviour 146)."""

from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection as database
from django.utils import timezone

from whatsapp.models import ApiUsage

TEXT, PDF, IMAGE, VIDEO, OTHER, CHECK = COLUMNS = (
    "texts", "pdfs", "images", "videos", "others", "checks",
)  # fmt: skip


def column_of(kind: str, mimetype: str) -> str:
    """Name the counter of a message by what it carries."""
    if not mimetype:
        return TEXT
    if mimetype == "application/pdf":
        return PDF
    return {"image": IMAGE, "video": VIDEO}.get(kind, OTHER)


def count_use(columns: Iterable[str]) -> None:
    """Add to today's counters, in one statement; call it last in a transaction.

    The day's row stays locked until the commit, so whatever follows would hold up the others.
    """
    counts = Counter(columns)
    total = counts.total()
    if not total:
        return
    now = timezone.now()
    table = ApiUsage._meta.db_table
    names = ", ".join(COLUMNS)
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in COLUMNS)
    sql = f"""
        INSERT INTO {table} (day, total, {names}, created_at, updated_at)
        VALUES (%s, %s, {", ".join(["%s"] * len(COLUMNS))}, %s, %s)
        ON CONFLICT (day) DO UPDATE SET total = {table}.total + excluded.total, {added},
            updated_at = excluded.updated_at
    """  # noqa: S608 (the table's own names)
    day = now.astimezone(ZoneInfo(settings.COMPANY_TIME_ZONE)).date()
    with database.cursor() as cursor:
        cursor.execute(sql, [day, total, *(counts[name] for name in COLUMNS), now, now])
