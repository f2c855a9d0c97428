"""``manage.py setup_platform``: all that a fresh or upgraded installation needs, run any time."""

import contextlib
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from accounts.models import User
from accounts.services import create_user
from billing.models import Plan, Subscription
from companies.models import Company
from companies.services import create_company, migrate_companies, prepare_template
from dispatch.models import SessionLease
from tickets.models import Queue, QueueMember
from whaticket.schedule import apply_schedule
from whaticket.tenancy import in_company
from whaticket.up import demo_password
from whatsapp.models import Connection

# The first administrator misses nothing: waiting tickets have no queue until somebody gives one.
EVERYTHING: dict[str, Any] = {
    "sees_unqueued": True,
    "sees_groups": True,
    "sees_all_history": True,
    "sees_all_users": True,
    "sees_dashboard": True,
    "sees_realtime": True,
    "manages_connections": True,
}
# Two hosts that start at once must not both migrate.
LOCK = 0x77686174


class Command(BaseCommand):
    help = (
        "Migrates every schema, writes the clock's schedule and makes the first company with its "
        "administrator. Safe to run again at any time; prints one line of JSON at the end."
    )

    # `make lint` runs the checks; a start need not import every page for them.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-demo",
            action="store_true",
            help="only the first company and its administrator: no agents, queues or connection",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Standard output carries the JSON line alone.
        with contextlib.redirect_stdout(sys.stderr), alone():
            call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
            prepare_template()
            migrate_companies()
            apply_schedule()
            answer = first_company(demo=not options["no_demo"])
        self.stdout.write(json.dumps(answer))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold a lock of the database on a connection of its own; it ends with this process."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield


def first_company(*, demo: bool) -> dict[str, Any]:
    """Make company 1 with its plan and administrator where missing, in one transaction.

    Gives the sign-in; the password is None where the data has another one than the given.
    """
    password = os.environ.get("DEMO_PASSWORD") or demo_password(settings.VAR_DIR)
    if not Company.objects.filter(pk=Company.OWNER_ID).exists():
        email = os.environ.get("DEMO_EMAIL") or "demo@whaticket.local"
        with transaction.atomic():
            create_first_company(email=email, password=password, demo=demo)
    admin = User.objects.of_company(Company.OWNER_ID).filter(is_super=True).order_by("pk").first()
    known = admin is not None and admin.check_password(password)
    return {
        "email": admin.email if admin else None,
        "password": password if known else None,
        "company_id": Company.OWNER_ID,
    }


def create_first_company(*, email: str, password: str, demo: bool) -> None:
    """Create the platform's owner (models.md, Seed data) and, on demand, a team to try it with."""
    company = create_company(
        name="Whaticket Demo" if demo else "Whaticket", email=email, company_id=Company.OWNER_ID
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('companies_company', 'id'), max(id)) "
            "FROM companies_company"
        )
    plan, _ = Plan.objects.get_or_create(
        name="Custom", defaults={"users": 10, "connections": 10, "queues": 10, "amount": 100}
    )
    Subscription.objects.create(company=company, plan=plan)
    admin = create_user(
        company_id=company.pk,
        email=email,
        password=password,
        name="Admin",
        profile=User.Profile.ADMIN,
        is_super=True,
        **EVERYTHING,
    )
    if demo:
        create_team(company, admin, password=password)


def create_team(company: Company, admin: User, *, password: str) -> None:
    """Create two agents, two queues and a sandbox connection that wants a session."""
    domain = admin.email.rpartition("@")[2]
    ana, bruno = (
        create_user(
            company_id=company.pk,
            email=f"{name.split()[0].lower()}@{domain}",
            password=password,
            name=name,
            sees_unqueued=True,
        )
        for name in ("Ana Souza", "Bruno Lima")
    )
    with in_company(company.pk):
        sales = Queue.objects.create(name="Vendas", color="#2563eb", position=1)
        support = Queue.objects.create(name="Suporte", color="#16a34a", position=2)
        QueueMember.objects.bulk_create(
            [
                QueueMember(queue=sales, user=ana),
                QueueMember(queue=support, user=bruno),
                QueueMember(queue=sales, user=admin),
                QueueMember(queue=support, user=admin),
            ]
        )
        # Without a greeting, so that the bot is silent until somebody writes one.
        number = Connection.objects.create(name="Demo", driver="sandbox", is_default=True)
        number.queues.add(sales, support)
        SessionLease.objects.create(company_id=company.pk, connection_id=number.pk, is_wanted=True)
