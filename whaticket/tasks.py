"""Tasks inside a company: arguments are the schema and ids, nothing else."""

import functools
from collections.abc import Callable
from typing import Any

import structlog
from celery import current_app, shared_task
from django.db import close_old_connections

from whaticket.tenancy import in_schema

log = structlog.get_logger(__name__)


def company_task(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare a Celery task whose first argument is the schema to run in."""

    def declare(body: Callable[..., Any]) -> Any:
        @shared_task(**options)
        @functools.wraps(body)
        def run(schema: str, *args: Any) -> Any:
            close_old_connections()
            with in_schema(schema):
                return body(*args)

        return run

    return declare


def wake(task: Any, *args: Any) -> None:
    """Queue a task whose work a sweep would find anyway; a broker that is away is only logged."""
    wake_named(task.name, *args)


def wake_named(name: str, *args: Any, countdown: float | None = None) -> None:
    """The same by the task's name, for services, which know no tasks; `countdown` seconds later."""
    try:
        current_app.send_task(name, args, countdown=countdown, retry=False)
    except Exception as error:
        log.warning("task.not_queued", task=name, error=type(error).__name__)
