"""Several threads at the same moment, each with a connection and the company of the test."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection

from whaticket.tenancy import current_schema, in_schema

T = TypeVar("T")
R = TypeVar("R")


def at_once(act: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """Call a function with each thing, all at once; give the results in order, or raise."""
    things = list(things)
    schema = current_schema()
    ready = threading.Barrier(len(things))

    def run(thing: T) -> R:
        try:
            with in_schema(schema):
                # A connection of its own before the start, so that all start together.
                connection.ensure_connection()
                ready.wait(timeout=20)
                return act(thing)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(run, things))


@contextmanager
def just_before(statement: str, act: Callable[[], Any], *, nth: int = 1) -> Iterator[None]:
    """Do something once, right before this thread's nth statement that begins like `statement`.

    For the moment between a look and a write, which threads hit by luck only. What is done belongs
    to the same transaction; before the `SAVEPOINT` of an inner one it outlives a failure of that.
    Fails where the moment never comes.
    """
    left = nth

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if left and " ".join(sql.split()).startswith(statement):
            left -= 1
            if not left:
                act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert not left, f"{left} more statements should have begun with {statement!r}"
