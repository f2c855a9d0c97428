"""Shapes of JSON that PostgreSQL builds, written once and rendered in two ways.

`as_json` is PostgreSQL's own json_build_object: an expression of type json, for one object within
another. `as_text` puts the same object together with concat(), in less than half the time: constant
keys and values melt into a few literals. Lists of hundreds of objects are made that way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

# concat() takes a hundred arguments.
_MOST = 90


def literal(text: str) -> str:
    """Write a text of ours (never a client's) into a statement that takes parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


class Part:
    """Something that has a place in an object."""

    def as_json(self) -> str:
        """Write an expression that json_build_object takes as a value."""
        raise NotImplementedError

    def as_text(self) -> str:
        """Write an expression of JSON text that is never NULL."""
        raise NotImplementedError

    def pieces(self) -> Iterator[str]:
        """Write arguments of concat(); literals begin with a quote."""
        yield self.as_text()


@dataclass(frozen=True, slots=True)
class Constant(Part):
    """The same value in every object."""

    value: str | int | bool | None

    def as_json(self) -> str:
        if self.value is None:
            return "NULL"
        return literal(self.value) if isinstance(self.value, str) else str(self.value).lower()

    def as_text(self) -> str:
        return literal(orjson.dumps(self.value).decode())


@dataclass(frozen=True, slots=True)
class Number(Part):
    """A number."""

    expression: str
    nullable: bool = False

    def as_json(self) -> str:
        return self.expression

    def as_text(self) -> str:
        # concat() writes a number itself.
        text = f"({self.expression})"
        return f"coalesce({text}::text, 'null')" if self.nullable else text


@dataclass(frozen=True, slots=True)
class Text(Part):
    """A text that may hold anything; NULL becomes null."""

    expression: str

    def as_json(self) -> str:
        return self.expression

    def as_text(self) -> str:
        return f"coalesce(to_json(({self.expression})::text)::text, 'null')"


@dataclass(frozen=True, slots=True)
class Word(Part):
    """A text, never NULL, without a character that JSON escapes: a UUID, a status."""

    expression: str

    def as_json(self) -> str:
        return self.expression

    def as_text(self) -> str:
        return f"concat('\"', {self.expression}, '\"')"

    def pieces(self) -> Iterator[str]:
        yield "'\"'"
        yield self.expression
        yield "'\"'"


@dataclass(frozen=True, slots=True)
class Flag(Part):
    """A boolean, never NULL."""

    expression: str

    def as_json(self) -> str:
        return self.expression

    def as_text(self) -> str:
        return f"CASE WHEN {self.expression} THEN 'true' ELSE 'false' END"


@dataclass(frozen=True, slots=True)
class Moment(Part):
    """A moment as clients read it: ISO 8601, UTC, milliseconds (rest.md §1)."""

    expression: str

    def as_json(self) -> str:
        return f"to_char({self.expression} AT TIME ZONE 'UTC', {_TIME})"

    def as_text(self) -> str:
        quoted = f"to_char({self.expression} AT TIME ZONE 'UTC', {_QUOTED_TIME})"
        return f"coalesce({quoted}, 'null')"


_TIME = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""
_QUOTED_TIME = """'\\"YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\\"'"""


@dataclass(frozen=True, slots=True)
class Shape(Part):
    """An object; where `when` is given and false, null."""

    parts: Mapping[str, Part]
    when: str | None = None

    def as_json(self) -> str:
        return self._guarded(f"json_build_object({arguments(self.parts)})", "NULL")

    def as_text(self) -> str:
        return self._guarded(_concat(list(self._own_pieces())), "'null'")

    def pieces(self) -> Iterator[str]:
        if self.when is None:
            yield from self._own_pieces()
        else:
            yield self.as_text()

    def _own_pieces(self) -> Iterator[str]:
        before = "{"
        for key, part in self.parts.items():
            yield literal(f'{before}"{key}":')
            yield from part.pieces()
            before = ","
        yield "'}'"

    def _guarded(self, text: str, otherwise: str) -> str:
        return (
            text if self.when is None else f"CASE WHEN {self.when} THEN {text} ELSE {otherwise} END"
        )


@dataclass(frozen=True, slots=True)
class Rows(Part):
    """An array of the objects that a sub-select finds; empty where it finds none."""

    shape: Part
    source: str
    order: str

    def as_json(self) -> str:
        rows = f"json_agg({self.shape.as_json()} ORDER BY {self.order})"
        return f"coalesce((SELECT {rows} FROM {self.source}), '[]'::json)"  # noqa: S608

    def as_text(self) -> str:
        rows = f"string_agg({self.shape.as_text()}, ',' ORDER BY {self.order})"
        return f"coalesce((SELECT '[' || {rows} || ']' FROM {self.source}), '[]')"  # noqa: S608


def arguments(parts: Mapping[str, Part]) -> str:
    """Write parts as arguments of json_build_object."""
    return ", ".join(f"{literal(key)}, {part.as_json()}" for key, part in parts.items())


def _concat(pieces: list[str]) -> str:
    merged: list[str] = []
    for piece in pieces:
        if piece.startswith("'") and merged and merged[-1].startswith("'"):
            merged[-1] = merged[-1][:-1] + piece[1:]
        else:
            merged.append(piece)
    if len(merged) <= _MOST:
        return f"concat({', '.join(merged)})"
    parts = [", ".join(merged[n : n + _MOST]) for n in range(0, len(merged), _MOST)]
    return f"concat({', '.join(f'concat({part})' for part in parts)})"
