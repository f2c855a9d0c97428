"""What accounts asks of rooms above it, without knowing them.

A room registers its answer when its app is ready: tickets keeps who answers which queue, billing
knows how many people a plan allows.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Port(Generic[P, R]):
    """A question that exactly one room above answers."""

    def __init__(self, question: str):
        self._question = question
        self._answer: Callable[P, R] | None = None

    def register(self, answer: Callable[P, R]) -> None:
        """Take the function that answers from now on."""
        self._answer = answer

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._answer is None:
            raise RuntimeError(f"no app answers: {self._question}")
        return self._answer(*args, **kwargs)


# Both run inside the company's schema. Rows are queues with all columns of the contract.
queues_of: Port[[Sequence[int]], dict[int, list[dict[str, Any]]]] = Port("queues of users")
# Gives whether anything changed; raises the contract's refusal for an unknown queue.
set_queues: Port[[int, Sequence[int]], bool] = Port("set the queues of a user")
# SQL for the ids of the queues that the person `u` of a statement answers, as an array.
queue_ids_sql: Port[[], str] = Port("the queues of a person, in SQL")
# Raises the contract's refusal where the company has no such connection.
require_connection: Port[[int], None] = Port("does a connection exist")
# None: no limit.
seat_limit: Port[[int], int | None] = Port("how many people may a company have")
