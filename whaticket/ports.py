"""What an app asks of apps above it, without knowing them.

The asking app declares the question in its `ports` module; the app that knows registers its answer
when it is made ready (`apps.py`).
"""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Port(Generic[P, R]):
    """A question that one app above answers.

    `otherwise` answers where none has registered; without it, asking raises RuntimeError then.
    """

    def __init__(self, question: str, otherwise: Callable[P, R] | None = None):
        self._question = question
        self._answer = otherwise

    def register(self, answer: Callable[P, R]) -> None:
        """Take the function that answers from now on."""
        self._answer = answer

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._answer is None:
            raise RuntimeError(f"no app answers: {self._question}")
        return self._answer(*args, **kwargs)
