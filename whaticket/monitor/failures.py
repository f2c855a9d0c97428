"""The tasks that failed within the last day: a short list in Valkey, which may be lost.

It keeps what a task was called with (a schema and ids, by the rule of whaticket.tasks) and where it
failed, never the words of the error: those may name customers and keys.
"""

import time
import traceback
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import orjson
import redis
import structlog
from celery import current_app
from celery.signals import task_failure

from events.realtime import valkey

log = structlog.get_logger(__name__)

KEY = "tasks:failures"
DAY = 24 * 3600
MOST = 200
# A task with more than this to say is no task of ours, and is not kept for another try.
LONGEST_CALL = 2000
_RETRY_SECONDS = 30
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Failure:
    """One task that failed for good, and whether it can be tried again from here."""

    id: str
    task: str
    args: list[Any]
    kwargs: dict[str, Any]
    error: str
    where: str
    at: float
    can_retry: bool

    @property
    def failed_at(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


class NotRetryable(Exception):
    """It is gone from the list, is being retried, or cannot be called again."""


@task_failure.connect
def note_failure(
    sender: Any = None,
    task_id: str = "",
    exception: BaseException | None = None,
    args: Any = (),
    kwargs: Any = None,
    traceback: TracebackType | None = None,
    **more: Any,
) -> None:
    """Keep a failure. A cache that is away loses it; the log has it all the same."""
    call: dict[str, Any] = {"args": list(args or ()), "kwargs": dict(kwargs or {})}
    try:
        can_retry = len(orjson.dumps(call)) <= LONGEST_CALL
    except TypeError:
        can_retry = False
    if not can_retry:
        call = {"args": [], "kwargs": {}}
    now = time.time()
    failure = Failure(
        id=str(task_id),
        task=str(getattr(sender, "name", "")),
        error=_name(exception),
        where=_place(traceback),
        at=now,
        can_retry=can_retry,
        **call,
    )
    try:
        pipe = valkey().pipeline()
        pipe.zadd(KEY, {orjson.dumps(asdict(failure)): now})
        pipe.zremrangebyscore(KEY, 0, now - DAY)
        pipe.zremrangebyrank(KEY, 0, -MOST - 1)
        pipe.expire(KEY, DAY)
        pipe.execute()
    except (redis.RedisError, OSError) as error:
        log.warning("monitor.failure_lost", task=failure.task, error=type(error).__name__)


def recent_failures() -> list[Failure]:
    """List the failures of the last day, the newest first. Raises RedisError."""
    return [Failure(**orjson.loads(row)) for row in _rows()]


def retry(failure_id: str) -> Failure:
    """Queue a failed task again and take it off the list; raise NotRetryable.

    It is queued first: whoever dies in between leaves it on the list, and tasks bear being done
    twice. Two people who press the button at once queue it once.
    """
    for row in _rows():
        failure = Failure(**orjson.loads(row))
        if failure.id == failure_id:
            break
    else:
        raise NotRetryable
    # Web processes import tasks only where a route needs them.
    current_app.loader.import_default_modules()
    if not failure.can_retry or failure.task not in current_app.tasks:
        raise NotRetryable
    if not valkey().set(f"{KEY}:retry:{failure_id}", 1, nx=True, ex=_RETRY_SECONDS):
        raise NotRetryable
    current_app.send_task(failure.task, failure.args, failure.kwargs, retry=False)
    valkey().zrem(KEY, row)
    return failure


def _rows() -> list[bytes]:
    return cast(list[bytes], valkey().zrevrangebyscore(KEY, "+inf", time.time() - DAY))


def _name(exception: BaseException | None) -> str:
    code = getattr(exception, "code", "")
    name = type(exception).__name__
    return f"{name} {code}" if isinstance(code, str) and code.startswith("ERR_") else name


def _place(trace: TracebackType | None) -> str:
    """Name the last line of ours that the error passed."""
    for frame in reversed(traceback.extract_tb(trace)):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and ".venv" not in path.parts:
            return f"{path.relative_to(_ROOT)}:{frame.lineno}"
    return ""
