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


def prepare_template() -> None:
    """Bring the template schema up to date with the migrations; create it where it is missing.

    Installs the cloning function too: replacing it for every new company would let two that
    are created at once collide.
    """
    with in_schema(PUBLIC), connection.cursor() as cursor:
        CloneSchema()._create_clone_schema_function()
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
