"""Several threads at the same moment, each with a connection and the company of the test."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

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
