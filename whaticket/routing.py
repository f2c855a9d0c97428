"""Routes as the contract wants them: any letter case, an optional slash at the end (rest.md §1)."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, register_converter
from django.urls.converters import IntConverter
from django.urls.resolvers import (  # type: ignore[attr-defined]  # one name is private
    RoutePattern,
    _route_to_regex,
)


class IdConverter(IntConverter):
    """A row's id. Eighteen digits at most, so that it always fits a bigint."""

    regex = "[0-9]{1,18}"


register_converter(IdConverter, "id")


class LenientPattern(RoutePattern):
    """A route that ignores letter case and a slash at the end; parameters keep their case."""

    def __init__(self, route: str, name: str | None = None):
        super().__init__(route, name=name, is_endpoint=True)
        regex, self.converters = _route_to_regex(route, False)
        body = regex.removeprefix("^").removesuffix(r"\Z")
        self._lenient = re.compile(rf"{body}/?\Z", re.IGNORECASE)

    def match(self, path: str) -> tuple[str, tuple[()], dict[str, Any]] | None:
        found = self._lenient.match(path)
        if found is None:
            return None
        kwargs = {}
        for name, text in found.groupdict().items():
            try:
                kwargs[name] = self.converters[name].to_python(text)
            except ValueError:
                return None
        return "", (), kwargs


def route(pattern: str, view: Callable[..., Any], name: str | None = None) -> URLPattern:
    """Declare one path of the contract, such as `tickets/<id:ticket_id>`."""
    return URLPattern(LenientPattern(pattern, name=name), view, None, name)


class RouteTable(URLResolver):
    """Many routes, found by their first word instead of one after the other.

    Routes with the same first word keep their order. A first segment must be a word, not a
    parameter.
    """

    def __init__(self, routes: Sequence[URLPattern]):
        super().__init__(RoutePattern(""), list(routes))
        self._by_word: dict[str, list[URLPattern]] = {}
        for one in routes:
            self._by_word.setdefault(_first_word(str(one.pattern)), []).append(one)

    def resolve(self, path: str) -> ResolverMatch:
        """Give the match of a path; raise Resolver404."""
        for one in self._by_word.get(_first_word(path), ()):
            match = one.resolve(path)
            if match is not None:
                return match
        raise Resolver404({"path": path, "tried": []})


def _first_word(path: str) -> str:
    return path.partition("/")[0].lower()
