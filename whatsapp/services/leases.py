"""Who runs which session: leases with fencing tokens (design §7).

A worker that stops beating loses its lease; its token is then older than the row's, and whatever
it still tries to record finds no row.
"""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from companies.models import Company
from dispatch.models import Inbox, Outbox, SessionLease
from messaging.services.outbox import wake

# A silent owner is dead after this; long enough for a garbage-collection pause or a slow disk.
LEASE_SECONDS = 15
HEARTBEAT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run one connection's session, until it is taken away."""

    company_id: int
    connection_id: int
    token: int

    @property
    def key(self) -> tuple[int, int]:
        return self.company_id, self.connection_id


def owner_name() -> str:
    """Name this process among all workers on all hosts."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def want_session(company_id: int, connection_id: int, *, wanted: bool = True) -> None:
    """Ask that a connection's session runs (or stops); some worker will see to it."""
    SessionLease.objects.update_or_create(
        company_id=company_id, connection_id=connection_id, defaults={"is_wanted": wanted}
    )

    def wake_now() -> None:
        wake(company_id)

    transaction.on_commit(wake_now, robust=True)


def forget_session(company_id: int, connection_id: int) -> None:
    """Remove everything that pointed at a connection which is gone."""
    SessionLease.objects.filter(company_id=company_id, connection_id=connection_id).delete()
    Outbox.objects.filter(company_id=company_id, connection_id=connection_id).delete()
    Inbox.objects.filter(company_id=company_id, connection_id=connection_id).delete()


def command_session(company_id: int, connection_id: int, command: dict[str, Any]) -> None:
    """Leave a command (restart, logout, pair) for whoever runs the session."""
    SessionLease.objects.update_or_create(
        company_id=company_id,
        connection_id=connection_id,
        defaults={"is_wanted": True, "command": command},
    )

    def wake_now() -> None:
        wake(company_id)

    transaction.on_commit(wake_now, robust=True)


def take_leases(owner: str, limit: int) -> list[Lease]:
    """Take sessions that are wanted and nobody runs; each taking raises the fencing token.

    Companies that are switched off have no sessions (models.md, Company).
    """
    dead = timezone.now() - timedelta(seconds=LEASE_SECONDS)
    with transaction.atomic():
        free = (
            SessionLease.objects.select_for_update(skip_locked=True)
            .filter(Q(owner="") | Q(heartbeat_at=None) | Q(heartbeat_at__lt=dead), is_wanted=True)
            .filter(company_id__in=Company.objects.active().values("pk"))
            .order_by("id")[:limit]
        )
        taken = []
        for lease in free:
            lease.owner, lease.token = owner, lease.token + 1
            lease.heartbeat_at = timezone.now()
            lease.save(update_fields=["owner", "token", "heartbeat_at"])
            taken.append(Lease(lease.company_id, lease.connection_id, lease.token))
    return taken


def beat(owner: str, held: Sequence[Lease]) -> set[Lease]:
    """Prove that this worker lives; return the leases it still holds and that are still wanted.

    Those of a company that was switched off are not wanted.
    """
    if not held:
        return set()
    with database.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {SessionLease._meta.db_table} l SET heartbeat_at = %s
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(company, connection, token)
            WHERE l.company_id = n.company AND l.connection_id = n.connection
              AND l.token = n.token AND l.owner = %s AND l.is_wanted
              AND EXISTS (
                SELECT FROM {Company._meta.db_table} o WHERE o.id = l.company_id AND o.is_active
              )
            RETURNING l.company_id, l.connection_id, l.token
            """,  # noqa: S608 (the table's own name)
            [
                timezone.now(),
                [lease.company_id for lease in held],
                [lease.connection_id for lease in held],
                [lease.token for lease in held],
                owner,
            ],
        )
        return {Lease(*row) for row in cursor.fetchall()}


def release(lease: Lease) -> None:
    """Give a lease back, so that the next owner need not wait for it to grow old."""
    SessionLease.objects.filter(
        company_id=lease.company_id, connection_id=lease.connection_id, token=lease.token
    ).update(owner="", heartbeat_at=None)


def take_commands(held: Sequence[Lease]) -> list[tuple[Lease, dict[str, Any]]]:
    """Take the commands left for sessions of this worker; each is taken once."""
    if not held:
        return []
    by_key = {lease.key: lease for lease in held}
    taken = []
    with transaction.atomic():
        rows = SessionLease.objects.select_for_update(skip_locked=True).filter(
            command__isnull=False,
            company_id__in={lease.company_id for lease in held},
            connection_id__in={lease.connection_id for lease in held},
        )
        for row in rows:
            lease = by_key.get((row.company_id, row.connection_id))
            if lease is not None and lease.token == row.token and row.command is not None:
                taken.append((lease, row.command))
                row.command = None
                row.save(update_fields=["command"])
    return taken
