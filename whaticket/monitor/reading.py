"""What the task monitor shows, read from the broker, the workers and the cross-company tables."""

from datetime import timedelta
from typing import Any

import redis
from celery import current_app
from django.db.models import Count, F, Min, Q
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from dispatch.models import Agenda, Inbox, Outbox, SessionLease
from events.realtime import valkey
from whaticket.monitor.failures import recent_failures
from whaticket.workers import names_seen

# How long workers get to answer; whoever is busier is shown without what it does.
ANSWER_SECONDS = 0.7
# The separator and steps by which Celery spreads one queue over several Redis lists.
_PRIORITIES = ("", *(f"\x06\x16{step}" for step in (3, 6, 9)))
LATE = timedelta(minutes=1)
SILENCE = timedelta(minutes=1)
MOST_TASKS = 100


def read_state() -> dict[str, Any]:
    """Read everything; what does not answer is None, and `problems` says which."""
    state: dict[str, Any] = {"at": timezone.now(), "problems": []}
    for part, read in _PARTS.items():
        try:
            state[part] = read()
        except (redis.RedisError, OperationalError, OSError) as error:
            state[part] = None
            state["problems"].append(f"{part}: {type(error).__name__}")
    return state


def read_queues() -> list[dict[str, Any]]:
    """Count what waits in each of Celery's queues, and what workers have taken and not finished."""
    names = list(current_app.amqp.queues)
    pipe = valkey().pipeline(transaction=False)
    for name in names:
        for priority in _PRIORITIES:
            pipe.llen(f"{name}{priority}")
    pipe.hlen("unacked")
    *lengths, taken = pipe.execute()
    width = len(_PRIORITIES)
    waiting = [sum(lengths[place * width : (place + 1) * width]) for place in range(len(names))]
    return [
        *({"name": name, "waiting": amount} for name, amount in zip(names, waiting, strict=True)),
        {"name": "taken by workers", "waiting": taken},
    ]


def read_workers() -> list[dict[str, Any]]:
    """List the workers that were alive within the last minute, and what each of them does."""
    names = names_seen()
    if not names:
        return []
    inspect = current_app.control.inspect(
        destination=names, timeout=ANSWER_SECONDS, limit=len(names)
    )
    told = {kind: getattr(inspect, kind)() or {} for kind in ("active", "reserved", "scheduled")}
    return [
        {
            "name": name,
            "answers": any(name in answers for answers in told.values()),
            **{kind: _tasks(answers.get(name, [])) for kind, answers in told.items()},
        }
        for name in names
    ]


def _tasks(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": request["id"],
            "task": request["name"],
            "args": request.get("args") or [],
            "since": request.get("time_start"),
            "due_at": entry.get("eta"),
        }
        for entry in told[:MOST_TASKS]
        # What is scheduled is told with its time around it.
        if (request := entry.get("request", entry))
    ]


def read_outbox() -> dict[str, Any]:
    """Count the work of all connections by state."""
    found = dict(Outbox.objects.order_by().values_list("state").annotate(Count("pk")))
    waits = Q(state=Outbox.State.QUEUED, not_before__lte=timezone.now())
    oldest = Outbox.objects.aggregate(oldest=Min("created_at", filter=waits))["oldest"]
    return {**{state: found.get(state, 0) for state in Outbox.State.values}, "oldest": oldest}


def read_agenda() -> dict[str, Any]:
    """Count what is planned, due, late, failing and held over all companies."""
    now = timezone.now()
    due = Q(due_at__lte=now, is_held=False)
    return Agenda.objects.aggregate(
        planned=Count("pk"),
        due=Count("pk", filter=due),
        late=Count("pk", filter=Q(due_at__lte=now - LATE, is_held=False)),
        tried_again=Count("pk", filter=Q(attempts__gt=1, is_held=False)),
        held=Count("pk", filter=Q(is_held=True)),
        oldest=Min("due_at", filter=due),
    )


def read_inbound() -> dict[str, Any]:
    """Count the stored events that are not yet understood, and since when."""
    late = Q(created_at__lt=timezone.now() - LATE)
    return Inbox.objects.aggregate(
        waiting=Count("pk"), late=Count("pk", filter=late), oldest=Min("created_at")
    )


def read_sessions() -> dict[str, Any]:
    """Count the connections that should run, and those that nobody runs."""
    heard = Q(heartbeat_at__gte=timezone.now() - SILENCE) & ~Q(owner="")
    wanted = SessionLease.objects.filter(is_wanted=True).aggregate(
        wanted=Count("pk"), running=Count("pk", filter=heard)
    )
    return {**wanted, "silent": wanted["wanted"] - wanted["running"]}


def read_clock() -> list[dict[str, Any]]:
    """List what the clock does, and when it last did."""
    return list(
        PeriodicTask.objects.select_related(None)
        .order_by("name")
        .values(
            "name",
            "task",
            "enabled",
            "last_run_at",
            "total_run_count",
            every=F("interval__every"),
            period=F("interval__period"),
            hour=F("crontab__hour"),
            minute=F("crontab__minute"),
        )
    )


def read_failures() -> list[dict[str, Any]]:
    """List the tasks that failed within the last day."""
    return [
        {
            "id": failure.id,
            "task": failure.task,
            "args": failure.args,
            "kwargs": failure.kwargs,
            "error": failure.error,
            "where": failure.where,
            "failed_at": failure.failed_at,
            "can_retry": failure.can_retry,
        }
        for failure in recent_failures()
    ]


_PARTS = {
    "queues": read_queues,
    "workers": read_workers,
    "outbox": read_outbox,
    "agenda": read_agenda,
    "inbound": read_inbound,
    "sessions": read_sessions,
    "clock": read_clock,
    "failures": read_failures,
}
