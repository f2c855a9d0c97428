"""The schema that every company begins as a copy of."""

from django.db import connection
from django_tenants.migration_executors.base import run_migrations

from whaticket.tenancy import TEMPLATE


def prepare_template() -> None:
    """Bring the template schema up to date with the migrations; create it where it is missing."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {connection.ops.quote_name(TEMPLATE)}")
    run_migrations(
        [],
        {
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
        },
        "standard",
        TEMPLATE,
        allow_atomic=False,
    )
