"""Holds every answer that a test gets against the API document."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import Any

from jsonschema import Draft202012Validator

Operations = list[tuple[re.Pattern[str], dict[str, Any]]]


def check(method: str, path: str, response: Any) -> None:
    """Fail where the document tells otherwise of an answer; paths outside of it are let pass."""
    for pattern, operations in _paths():
        if not pattern.fullmatch(path):
            continue
        if (operation := operations.get(method.lower())) is not None:
            _check(f"{method} {path}", operation, response)
        return


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The API document as the code has it."""
    from drf_spectacular.generators import SchemaGenerator

    return SchemaGenerator().get_schema(request=None, public=True)


@lru_cache(maxsize=1)
def _paths() -> Operations:
    # Fixed words win over parameters, as they do in the routes.
    paths = sorted(document()["paths"].items(), key=lambda item: item[0].count("{"))
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "/?", re.IGNORECASE), found)
        for path, found in paths
    ]


def _check(what: str, operation: dict[str, Any], response: Any) -> None:
    responses, status = operation["responses"], response.status_code
    described = responses.get(str(status))
    if described is None:
        assert status >= 300, f"{what} answered {status}, which the document does not know"
        described = responses["default"]
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind != "application/json":
        return
    schema = described.get("content", {}).get(kind, {}).get("schema")
    body = _body(response)
    if schema is None:
        assert not body, f"{what} has a body, and the document says it has none"
        return
    problems = [
        f"{error.json_path}: {error.message[:300]}"
        for error in _validator(json.dumps(schema)).iter_errors(json.loads(body))
    ]
    assert not problems, f"{what} is not what the document says: {'; '.join(problems[:5])}"


def _body(response: Any) -> bytes:
    """The whole answer; a streamed one can still be read after this."""
    if not getattr(response, "streaming", False):
        return bytes(response.content)
    whole = b"".join(response.streaming_content)
    response.streaming_content = [whole]
    return whole


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(_closed({**json.loads(schema), "components": _components()}))


@lru_cache(maxsize=1)
def _components() -> dict[str, Any]:
    return {
        "schemas": {name: _closed(s) for name, s in document()["components"]["schemas"].items()}
    }


def _closed(schema: Any) -> Any:
    """The same, where an object has no field that is not described."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        key: value if key == "components" else _closed(value) for key, value in schema.items()
    }
    if isinstance(closed.get("properties"), dict) and "type" in closed:
        closed.setdefault("additionalProperties", False)
    return closed
