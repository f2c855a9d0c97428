"""Reads shapes.txt and holds answers against it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from whaticket.testing.contract.calls import FOLDER

_TOKEN = re.compile(r"\.\.\.\w+|[+~-]?\w+:?|[{}\[\]?%@*]")


@dataclass
class Shape:
    """What a value must look like: a kind (`%`, `@`, `*`, list, object) and what is in it."""

    kind: str
    item: "Shape | None" = None
    fields: dict[str, "Shape"] = field(default_factory=dict)
    # Keys that may be missing, and keys of the contract that must not leave.
    optional: set[str] = field(default_factory=set)
    secret: set[str] = field(default_factory=set)
    may_be_empty: bool = False

    def problems(self, value: Any, where: str = "$") -> Iterator[str]:
        """Tell every difference between a value and this shape."""
        if self.kind == "%":
            return
        if self.kind == "@":
            if value is not None:
                yield f"{where} is {str(value)[:80]} where nothing is answered"
        elif value is None or value == []:
            if not self.may_be_empty:
                yield f"{where} is {value}"
        elif self.kind == "list" and self.item is not None:
            if not isinstance(value, list):
                yield f"{where} is no list"
                return
            for number, item in enumerate(value):
                yield from self.item.problems(item, f"{where}[{number}]")
        elif not isinstance(value, dict):
            yield f"{where} is no object"
        elif self.kind == "object":
            yield from self._keys(value, where)

    def _keys(self, value: dict[str, Any], where: str) -> Iterator[str]:
        for key in sorted(self.fields.keys() - value.keys() - self.optional):
            yield f"{where} lacks {key}"
        for key in sorted(value.keys() - self.fields.keys()):
            yield f"{where} has {'secret ' if key in self.secret else ''}{key} too much"
        for key in self.fields.keys() & value.keys():
            yield from self.fields[key].problems(value[key], f"{where}.{key}")


class _Reader:
    def __init__(self, text: str, named: dict[str, Shape]):
        self.tokens = _TOKEN.findall(text)
        left = _TOKEN.sub("", text).strip()
        assert not left, f"{text!r} has {left!r}, which means nothing"
        self.named = named

    def shape(self) -> Shape:
        token = self.tokens.pop(0)
        if token in {"%", "@", "*"}:
            found = Shape(token)
        elif token == "[":
            found = Shape("list", item=self.shape())
            assert self.tokens.pop(0) == "]"
        elif token == "{":
            found = self._object()
        else:
            found = self.named[token]
        if self.tokens and self.tokens[0] == "?":
            self.tokens.pop(0)
            found = Shape(found.kind, found.item, found.fields, found.optional, found.secret, True)
        return found

    def _object(self) -> Shape:
        found = Shape("object")
        while (token := self.tokens.pop(0)) != "}":
            if token.startswith("..."):
                other = self.named[token.lstrip(".")]
                for key, inner in other.fields.items():
                    found.fields.setdefault(key, inner)
                found.optional |= other.optional
                found.secret |= other.secret
            elif token.startswith("-"):
                found.secret.add(token[1:])
            else:
                key = token.lstrip("+~").rstrip(":")
                if token.startswith("~"):
                    found.optional.add(key)
                found.fields[key] = self.shape() if token.endswith(":") else Shape("%")
        return found


def _read() -> dict[str, tuple[int, Shape]]:
    named: dict[str, Shape] = {}
    routes: dict[str, tuple[int, Shape]] = {}
    for line in (FOLDER / "shapes.txt").read_text().splitlines():
        fact = line.partition("#")[0].strip()
        if not fact:
            continue
        name, text = (part.strip() for part in fact.split("=", 1))
        if " " not in name:
            named[name] = _Reader(text, named).shape()
            continue
        status, text = (int(text[:3]), text[3:]) if text[0].isdigit() else (200, text)
        routes[name] = (status, _Reader(text, named).shape())
    return routes


# What a good call of a route answers: its status and its shape.
ANSWERS = _read()
