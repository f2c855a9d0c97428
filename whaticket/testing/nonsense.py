"""Requests that are right but for one place: what test_schemathesis.py sends besides.

Schemathesis thinks of everything that a schema allows or forbids; here are the values that are
known to break programs, each put once into each place of each route.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

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
_PLAN = {
    "name": "Big",
    "users": 5,
    "connections": 5,
    "queues": 5,
    "amount": "10.00",
    "recurrence": "MENSAL",
}
_COMPANY = {
    "name": "Newco", "email": "new@newco.example", "phone": "5511900001111",
    "password": "correct horse", "status": True,
}  # fmt: skip
_PARTNER = {
    "name": "Reseller", "phone": "551100", "email": "sales@reseller.example",
    "document": "12345678901", "commission": 10, "typeCommission": "percent",
}  # fmt: skip
_FILES = {"name": "Prices", "message": "see", "options": [{"name": "list"}]}
# Whom the network knows, and where the bank tells of payments.
PHONE = "5511944443333"
NOTICE = "/subscription/return/c5c0f5a4-efe2-447f-8c73-55f8c0f07284/pix"
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
        here = {**known, **known.get(self.label, {})}
        for name in self.parameters:
            value = instead.get(name) or quote(str(here.get(name, 1)), safe="")
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
        "/contactsImport": {**_CONTACT, "tags": "vip"},
        "/contacts/{contact_id}/merge": {"contactId": known.get("other_contact_id")},
        "/contacts/block/{contact_id}": {"active": False},
        "/queue": _QUEUE,
        "/queue/{queue_id}": _QUEUE,
        "/users": _USER,
        "/users/{user_id}": _USER,
        "/plans": _PLAN,
        "/plans/{plan_id}": _PLAN,
        "/api/plans": _PLAN,
        "/companies": _COMPANY,
        "/api/companies": {**_COMPANY, "document": "12345678901", "planId": known.get("plan_id")},
        "/api/companies/{company_id}": {"phone": "551100"},
        "/api/companies/{company_id}/schedules": {"schedules": [_HOURS]},
        "/api/plans/{plan_id}": _PLAN,
        "/api/partners": _PARTNER,
        "/api/partners/{partner_id}": _PARTNER,
        "/api/invoices": {
            "companyId": known.get("company_id"),
            "dueDate": "2026-03-10",
            "value": 10,
        },
        "/api/invoices/{invoice_id}": {"status": "paid"},
        "/invoices/{invoice_id}": {"status": "paid"},
        "/subscription": {
            "invoiceId": known.get("invoice_id"),
            "price": 1,
            "users": 1,
            "plan": '{"amount": 1}',
        },
        "/subscription/create/webhook": {"chave": "pix@platform.example"},
        NOTICE: {"pix": [{"txid": "0" * 32}]},
        "/gerencianet-config": {"sandbox": True},
        "/login-config": {"title": "Welcome", "primaryColor": "#112233"},
        "/whitelabel-config": {"sidebarBg": "#000000"},
        "/companies/{company_id}": _COMPANY,
        "/companies/{company_id}/schedules": {"schedules": [_HOURS]},
        "/helps": _HELP,
        "/helps/{help_id}": _HELP,
        "/tags": {"name": "vip", "color": "#112233"},
        "/tags/{tag_id}": {"name": "vip", "color": "#112233"},
        "/quick-messages": {"shortcode": "hi", "message": "hello"},
        "/files": _FILES,
        "/files/{file_list_id}": _FILES,
        "/todos": {"text": "call"},
        "/ticket-notes": {"note": "a note", **ticket},
        "/ticket-notes/{note_id}": {"note": "another note"},
        "/announcements": {"title": "New", "text": "thing", "priority": 1, "status": True},
        "/auth/login": {"email": "rui@acme.example", "password": "correct horse"},
        "/auth/signup": {
            "companyName": "Newest",
            "name": "Ned",
            "email": "ned@newest.example",
            "password": "correct horse",
            "phone": "5511900001111",
            "planId": known.get("plan_id"),
        },
        "/tickets": {
            "contactId": known.get("other_contact_id"),
            "queueId": queue,
            "whatsappId": known["connection_id"],
        },
        "/tickets/{ticket_id}/accept": {"queueId": queue},
        "/tickets/{ticket_id}": {"status": "open", "queueId": queue},
        "/messages/{key}": {"body": "hi"},
        "/message/forward": {
            "messageId": known.get("message_id"),
            "contactId": known.get("other_contact_id"),
        },
        "/messages/edit/{message_id}": {"body": "ho"},
        "/messages/{message_id}/reaction": {"emoji": "\U0001f44d"},
        "/chats": {"title": "team", "users": somebody},
        "/chats/{key}": {"title": "team", "users": somebody},
        "/chats/{chat_id}/messages": {"message": "hi"},
        "/companySettings": {"column": "hoursCloseTicketsAuto", "data": "12"},
        "/settings/{name}": {"value": "12"},
        "/setting/{name}": {"value": "12"},
        "/api/messages/send": {"number": "5511988887777", "body": "hi"},
        "/api/messages/checkNumber": {"number": PHONE},
        "/api/messages/send/linkImage": {"number": PHONE, "url": known.get("picture")},
        "/whatsapp": {"name": "third"},
        "/whatsapp/{connection_id}": {"name": "third"},
        "/whatsapp-admin/{connection_id}": {"name": "third"},
        "/whatsapp/{connection_id}/tokens": {"name": "Shop", "scopes": ["messages:send"]},
        "/whatsappsession/{connection_id}/phone": {"phoneNumber": PHONE},
        "/whatsappsession/{connection_id}/verify": {"code": "ABCD1234"},
        "/tags/sync": {**ticket, "tags": [{"id": known.get("tag_id")}]},
    }


# Where a file is sent: its field, the file, and what is said beside it.
UPLOADS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "/announcements/{announcement_id}/media-upload": ("file", "png", {}),
    "/contacts/upload": ("file", "csv", {}),
    "/files/uploadList/{file_list_id}": ("files", "png", {"id": "{option_id}", "name": "a.png"}),
    "/login-config/upload-image": ("file", "png", {"type": "logo"}),
    "/quick-messages/{quick_message_id}/media-upload": ("file", "png", {}),
    "/settings-whitelabel/logo": ("file", "png", {"mode": "Light"}),
    "/settings/privateFile": ("file", "png", {"settingKey": "certificate"}),
    "/users/{user_id}/media-upload": ("profileImage", "png", {}),
    "/whatsapp/{connection_id}/media-upload": ("file", "png", {}),
}
# What some routes must be asked.
QUERIES = {
    "/companySettingOne": "column=userRating",
    "/public-settings/{name}": "token=token-of-the-platform",
    "/api/messagesRange": "companyId={company_id}&startDate=2026-01-01&lastDate=2026-01-31",
    NOTICE: "hmac={proof}",
}


def file_of(kind: str) -> SimpleUploadedFile:
    """Give a small picture, or a table with one contact."""
    if kind == "csv":
        return SimpleUploadedFile("contacts.csv", f"nome;numero\nNora;{PHONE}\n".encode())
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    return SimpleUploadedFile("a.png", out.getvalue(), "image/png")


def right_request(target: Target, known: dict[str, Any]) -> Request:
    """Give a request that a route should take."""
    url = target.address(known)
    if query := QUERIES.get(target.path):
        url += "?" + query.format(**known)
    if target.path in UPLOADS and target.method == "POST":
        name, kind, beside = UPLOADS[target.path]
        told = {key: str(value).format(**known) for key, value in beside.items()}
        form = encode_multipart(BOUNDARY, {**told, name: file_of(kind)})
        return Request(target, url, form, MULTIPART_CONTENT)
    if target.method == "GET":
        return Request(target, url)
    body = right(known).get(target.path, target.body or {})
    return Request(target, url, json.dumps(body).encode())


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
