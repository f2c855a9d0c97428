"""Makes the calls of the contract's tests."""

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from PIL import Image

from whaticket.testing.contract.calls import GOOD, ContractRoute, Good, filled


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Run a block and take back what it did to the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def picture() -> io.BytesIO:
    """Give a small picture as somebody would upload it."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(out, "PNG")
    out.seek(0)
    out.name = "photo.png"
    return out


def table() -> io.BytesIO:
    """Give a table with one contact."""
    out = io.BytesIO(b"nome;numero\nNora;5511944443333\n")
    out.name = "contacts.csv"
    return out


def call(
    client: Any,
    route: ContractRoute,
    ids: Mapping[str, Any],
    body_ids: Mapping[str, Any] | None = None,
) -> Any:
    """Make the good call of a route, with rows of a company in its path and its body."""
    good = GOOD.get(str(route), Good())
    address = route.address(ids)
    if good.query:
        address += "?" + filled(good.query, body_ids or ids)
    body = filled(good.body, body_ids or ids)
    if good.files:
        files = {name: table() if good.file_type == "csv" else picture() for name in good.files}
        return getattr(client, route.method.lower())(address, {**body, **files}, "multipart")
    return client.generic(
        route.method,
        address,
        data=b"" if body is None else json.dumps(body).encode(),
        content_type="application/json",
    )


def content(answer: Any) -> Any:
    """Read an answer, also one that comes in pieces."""
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return json.loads(whole) if whole else None


def error_of(answer: Any) -> Any:
    """Give the code of a refusal."""
    with contextlib.suppress(ValueError, AttributeError, TypeError):
        return content(answer).get("error")
    return None


def caller_of(route: ContractRoute, stage: SimpleNamespace) -> Any:
    """Give the client of whoever a route is for."""
    names = {"S": "root", "C": "platform", "T": "program", "CT": "program", "B": "nobody"}
    return stage.clients[names.get(route.kind, "rui")]
