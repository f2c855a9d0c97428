"""What the clock does: every periodic task of the product, in one list.

`manage.py setup_platform` brings the rows of django_celery_beat in line with it. An operator may
switch an entry off or change its rhythm in the admin; that choice is kept.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task, and either how often it runs or at which UTC hour and minute of every day."""

    name: str
    task: str
    every: timedelta | None = None
    at: tuple[int, int] | None = None


SCHEDULE: tuple[Periodic, ...] = (
    Periodic("accounts: presence", "accounts.tasks.sweep_presence", every=timedelta(minutes=1)),
    Periodic("accounts: recovery", "accounts.tasks.sweep_recoveries", every=timedelta(minutes=1)),
    Periodic("accounts: old sessions", "accounts.tasks.prune_sessions", at=(3, 10)),
    Periodic("billing: invoices", "billing.tasks.sweep_invoices", every=timedelta(hours=1)),
    Periodic("billing: notices", "billing.tasks.sweep_notices", every=timedelta(minutes=5)),
    Periodic("billing: charges", "billing.tasks.sweep_charges", every=timedelta(minutes=1)),
    Periodic("dispatch: agenda", "dispatch.tasks.sweep_agenda", every=timedelta(seconds=2)),
    Periodic("messaging: lost files", "messaging.tasks.sweep_lost_files", at=(4, 0)),
    Periodic("whatsapp: late events", "whatsapp.tasks.sweep_inbox", every=timedelta(seconds=5)),
    Periodic(
        "whatsapp: stuck messages",
        "whatsapp.tasks.sweep_stuck_outbox",
        every=timedelta(minutes=10),
    ),
    Periodic("whatsapp: old API calls", "whatsapp.tasks.prune_external", at=(3, 50)),
    Periodic("whatsapp: old raw events", "whatsapp.tasks.prune_raw_events", at=(3, 40)),
)

# Marks the rows that came from here, so that rows an operator added are left alone.
MARK = "whaticket.schedule"


def apply_schedule() -> int:
    """Write the list to the database scheduler; give the number of rows made or removed."""
    # Imported late: this module is also read where apps are not loaded yet.
    from django.db import transaction
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

    changes = 0
    with transaction.atomic():
        ours = PeriodicTask.objects.filter(description=MARK)
        gone = ours.exclude(name__in=[entry.name for entry in SCHEDULE])
        changes += gone.count()
        gone.delete()
        for entry in SCHEDULE:
            if PeriodicTask.objects.filter(name=entry.name, task=entry.task).exists():
                continue
            rhythm: dict[str, object] = {"interval": None, "crontab": None}
            if entry.every is not None:
                rhythm["interval"], _ = IntervalSchedule.objects.get_or_create(
                    every=round(entry.every.total_seconds()), period=IntervalSchedule.SECONDS
                )
            if entry.at is not None:
                hour, minute = entry.at
                rhythm["crontab"], _ = CrontabSchedule.objects.get_or_create(
                    hour=str(hour),
                    minute=str(minute),
                    day_of_week="*",
                    day_of_month="*",
                    month_of_year="*",
                    timezone="UTC",
                )
            PeriodicTask.objects.update_or_create(
                name=entry.name, defaults={"task": entry.task, "description": MARK, **rhythm}
            )
            changes += 1
    return changes
