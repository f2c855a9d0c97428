"""The schema that every company begins as a copy of, and how all of them stay up to date."""

from typing import Any

from django.db import connection
from django_tenants.clone import CloneSchema
from django_tenants.migration_executors.base import run_migrations

from companies.models import Company
from whaticket.tenancy import PUBLIC, TEMPLATE, in_schema

_OPTIONS: dict[str, Any] = {
    "verbosity": 0,
    "interactive": False,
    "database": "default",
    "app_label": None,
    "migration_name": None,
    "run_syncdb": False,
    "fake": False,
    "fake_initial": False,
    "plan": False,
    "check_unapplied": False,
    "check": False,
    "prune": False,
    "skip_checks": True,
    "force_color": False,
    "no_color": False,
    "stdout": None,
    "stderr": None,
    "settings": None,
    "pythonpath": None,
    "traceback": False,
}


# Cloning gives unique constraints PostgreSQL's own names; a later migration that drops one by its
# name would then fail in every company.
_NAMES = """
CREATE OR REPLACE FUNCTION public.copy_constraint_names(source text, target text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT tt.relname AS place, tc.conname AS named, sc.conname AS wanted
        FROM pg_constraint sc
        JOIN pg_class st ON st.oid = sc.conrelid
        JOIN pg_class tt ON tt.relname = st.relname AND tt.relnamespace = target::regnamespace
        JOIN pg_constraint tc ON tc.conrelid = tt.oid AND tc.contype = 'u'
            AND pg_get_constraintdef(tc.oid) = pg_get_constraintdef(sc.oid)
        WHERE sc.connamespace = source::regnamespace AND sc.contype = 'u'
            AND tc.conname <> sc.conname
    LOOP
        EXECUTE format(
            'ALTER TABLE %I.%I RENAME CONSTRAINT %I TO %I',
            target, found.place, found.named, found.wanted
        );
    END LOOP;
END $$
"""


def prepare_template() -> None:
    """Bring the template schema up to date with the migrations; create it where it is missing.

    Installs the cloning function too: replacing it for every new company would let two that
    are created at once collide.
    """
    with in_schema(PUBLIC), connection.cursor() as cursor:
        CloneSchema()._create_clone_schema_function()
        cursor.execute(_NAMES)
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {connection.ops.quote_name(TEMPLATE)}")
    _migrate(TEMPLATE)


def migrate_companies() -> int:
    """Bring every company's schema up to the template's migrations; give how many were behind.

    A schema that is up to date costs one small query, so thousands of companies cost seconds.
    """
    wanted = _applied(TEMPLATE)
    behind = [
        schema
        for schema in Company.objects.order_by("pk").values_list("schema_name", flat=True)
        if _applied(schema) != wanted
    ]
    for schema in behind:
        _migrate(schema)
    return len(behind)


def _migrate(schema: str) -> None:
    run_migrations([], dict(_OPTIONS), "standard", schema, allow_atomic=False)


def _applied(schema: str) -> set[tuple[str, str]]:
    table = f"{connection.ops.quote_name(schema)}.django_migrations"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if not cursor.fetchone()[0]:
            return set()
        cursor.execute(f"SELECT app, name FROM {table}")  # noqa: S608 (a quoted name of ours)
        return set(cursor.fetchall())
