"""Requests that are right but for one place: what test_schemathesis.py sends besides.

Schemathesis thinks of everything that a schema allows or forbids; here are the values that are
known to break programs, each put once into each place of each route.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from whaticket.testing import answers

HOSTILE: list[Any] = [
    None, True, -1, 0, 2**31, 2**63, 10**18, 10**30, 1e308, 0.5,
    "", " ", "\0", "a\0b", "\ud800", "\u202e", "\u0661\u0662", "9" * 19, "9" * 5000, "-1", "1e400",
    "NaN", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01", "9999-12-31",
    "2026-02-30", "24:00", "undefined", "%", "_", "\\", "'", "[", "{}", "null", "x" * 70_000,
    "../../etc/passwd", "http://[", "[\"\0\"]", "[10000000000000000000000]", "[[1]]", "[null]",
    [], {}, [[]], [None], [{}], ["\0"], [10**30], [1, 1], {"id": 1}, {"\0": "\0"}, [True], [-1],
]  # fmt: skip
# Bodies that are wrong as a whole.
BODIES: list[tuple[bytes, str]] = [
    (b"", "application/json"),
    (b"null", "application/json"),
    (b"[]", "application/json"),
    (b"[[]]", "application/json"),
    (b'"text"', "application/json"),
    (b"0", "application/json"),
    (b"true", "application/json"),
    (b"NaN", "application/json"),
    (b"{", "application/json"),
    (b'{"a": 1e999}', "application/json"),
    (b"[" * 3_000, "application/json"),
    (b'{"data":' * 900 + b"1" + b"}" * 900, "application/json"),
    (b"\xff\xfe\x00", "application/json"),
    (b'{"name": "\xff"}', "application/json"),
    (b"1" * 5_000, "application/json"),
    (b"%ff=%00&=&a=1&a=2", "application/x-www-form-urlencoded"),
    (b"name=1&name=2&id=1&id=2", "application/x-www-form-urlencoded"),
    (b"", "multipart/form-data"),
    (b"--x--\r\n", "multipart/form-data; boundary=x"),
    (b"--x\r\n\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="\x00/../a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\xff\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    (
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    (b"<x/>", "application/xml"),
    (b"{}", "application/json; charset=utf-99"),
    (b"{}", "nonsense"),
]
_CONTACT = {"name": "Zed", "number": "5511933332222", "email": "zed@acme.example"}
_QUEUE = {"name": "Help", "color": "#0a0b0c"}
_USER = {"name": "Leo", "email": "leo@acme.example", "password": "correct horse", "profile": "user"}
_PLAN = {"name": "Big", "users": 5, "connections": 5, "queues": 5, "amount": "10.00"}
_COMPANY = {
    "name": "Newco", "email": "new@newco.example", "phone": "5511900001111",
    "password": "correct horse", "status": True,
}  # fmt: skip
_HELP = {"title": "Start", "description": "how to start", "video": "abcdef"}
_HOURS = {
    "weekday": "Monday", "weekdayEn": "monday", "startTimeA": "08:00", "endTimeA": "12:00",
    "startTimeB": "13:00", "endTimeB": "18:00",
}  # fmt: skip
# What stands in a path in place of an id or a name.
WORDS = [
    "0", "-1", "9" * 18, "9" * 19, "\u0663", "%00", "%ff", "%ed%a0%80", "1e5", "x" * 3000, "%0a",
]  # fmt: skip


@dataclass
class Target:
    """One route and a request that it could take."""

    label: str
    method: str
    path: str
    schemes: list[str]
    query: list[str] = field(default_factory=list)
    body: dict[str, Any] | None = None

    def address(self, known: dict[str, Any], **instead: str) -> str:
        """Fill the path with ids that exist, or with what shall stand there."""
        path = self.path
        for name in self.parameters:
            value = instead.get(name) or quote(str(known.get(name, 1)), safe="")
            path = path.replace(f"{{{name}}}", value)
        return path

    @property
    def parameters(self) -> list[str]:
        """The names of the path's parameters."""
        return [part.split("}")[0] for part in self.path.split("{")[1:]]


@dataclass
class Request:
    """One request, ready to be sent."""

    target: Target
    url: str
    body: bytes = b""
    kind: str = "application/json"


def targets() -> Iterator[Target]:
    """Give every route of the API document."""
    for path, operations in answers.document()["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            described = next((one["schema"] for one in content.values()), None)
            body = example(described) if described else None
            yield Target(
                label=f"{method.upper()} {path}",
                method=method.upper(),
                path=path,
                schemes=[name for way in operation.get("security", []) for name in way],
                query=[
                    one["name"] for one in operation.get("parameters", []) if one["in"] == "query"
                ],
                body=body if isinstance(body, dict) else None,
            )


def right(known: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give right bodies of routes that want more than their document says, by path."""
    somebody = [{"id": known["user_id"]}]
    ticket = {"contactId": known["contact_id"], "ticketId": known["ticket_id"]}
    queue = known["queue_id"]
    return {
        "/contacts": _CONTACT,
        "/contacts/{contact_id}": _CONTACT,
        "/api/contacts": _CONTACT,
        "/contactsImport": {"contacts": [_CONTACT]},
        "/queue": _QUEUE,
        "/queue/{queue_id}": _QUEUE,
        "/users": _USER,
        "/users/{user_id}": _USER,
        "/plans": _PLAN,
        "/plans/{plan_id}": _PLAN,
        "/api/plans": _PLAN,
        "/companies": _COMPANY,
        "/companies/{company_id}": _COMPANY,
        "/companies/{company_id}/schedules": {"schedules": [_HOURS]},
        "/helps": _HELP,
        "/helps/{help_id}": _HELP,
        "/tags": {"name": "vip", "color": "#112233"},
        "/tags/{tag_id}": {"name": "vip", "color": "#112233"},
        "/quick-messages": {"shortcode": "hi", "message": "hello"},
        "/files": {"name": "Prices", "message": "see"},
        "/todos": {"text": "call"},
        "/ticket-notes": {"note": "a note", **ticket},
        "/announcements": {"title": "New", "text": "thing", "priority": 1, "status": True},
        "/auth/login": {"email": "rui@acme.example", "password": "correct horse"},
        "/auth/signup": {**_COMPANY, "companyName": "Newest"},
        "/tickets": {**ticket, "queueId": queue, "whatsappId": known["connection_id"]},
        "/tickets/{ticket_id}": {"status": "open", "queueId": queue},
        "/messages/{key}": {"body": "hi"},
        "/messages/edit/{message_id}": {"body": "ho"},
        "/messages/{message_id}/reaction": {"emoji": "x"},
        "/chats": {"title": "team", "users": somebody},
        "/chats/{key}": {"title": "team", "users": somebody},
        "/chats/{chat_id}/messages": {"message": "hi"},
        "/companySettings": {"column": "hoursCloseTicketsAuto", "data": "12"},
        "/settings/{name}": {"value": "12"},
        "/setting/{name}": {"value": "12"},
        "/api/messages/send": {"number": "5511988887777", "body": "hi"},
        "/api/messages/checkNumber": {"number": "5511988887777"},
        "/whatsapp": {"name": "second"},
        "/whatsapp/{connection_id}": {"name": "second"},
        "/tags/sync": {**ticket, "tags": [{"id": known.get("tag_id")}]},
    }


def requests(target: Target, known: dict[str, Any]) -> Iterator[Request]:
    """Give every request to a route that is right but for one place."""
    every = target.body or {}
    good = right(known).get(target.path, every)
    takes_body = target.method in ("POST", "PUT", "PATCH")
    url = target.address(known)
    yield Request(target, url, json.dumps(good).encode() if takes_body else b"")
    for name in target.parameters:
        for word in WORDS:
            yield Request(target, target.address(known, **{name: word}))
    usual = ["pageNumber", "searchParam"] if target.method == "GET" else []
    for name in sorted({*target.query, *usual}):
        for value in HOSTILE:
            yield Request(target, f"{url}?{_pairs(name, value)}")
    if not takes_body:
        return
    for body, kind in BODIES:
        yield Request(target, url, body, kind)
    for name in {**every, **good}:
        for value in HOSTILE:
            yield Request(target, url, json.dumps({**good, name: value}).encode())
        for text in ("\0", "[", "null", "[null]", '[1,"a"]', "\u0661"):
            pairs = "&".join(_pairs(*pair) for pair in {**good, name: text}.items())
            yield Request(target, url, pairs.encode(), "application/x-www-form-urlencoded")


def _pairs(name: str, value: Any) -> str:
    values = value if isinstance(value, list) and value else [value]
    texts = [one if isinstance(one, str) else json.dumps(one) for one in values]
    return "&".join(
        f"{quote(name)}={quote(text.encode('utf-8', 'surrogatepass'))}" for text in texts
    )


def example(schema: dict[str, Any]) -> Any:
    """Give a simple value of a schema."""
    if "$ref" in schema:
        return example(
            answers.document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        )
    if "default" in schema:
        return schema["default"]
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            return example(schema[key][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object" or "properties" in schema:
        return {name: example(one) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return []
    if kind == "integer":
        return 1
    if kind == "number":
        return 1
    if kind == "boolean":
        return True
    formats = {
        "email": "someone@acme.example",
        "date": "2026-01-31",
        "date-time": "2026-01-31T12:00:00Z",
        "time": "08:00",
        "uri": "https://acme.example/",
        "uuid": "4d0c1e5e-0000-4000-8000-000000000000",
    }
    return formats.get(schema.get("format", ""), "some text")
