"""Every code of errors.md that a client can cause is caused here, over the routes."""

import datetime
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from billing.models import Plan
from companies.models import Setting
from contacts import ports
from tickets.models import Queue
from whaticket.testing.contract.calls import FOLDER, GOOD, filled
from whaticket.testing.contract.stage import content, undone
from whatsapp.models import Connection

NONE = 999_999_999


def _facts():
    known, unreachable = {}, {}
    for line in (FOLDER / "errors.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            code, status, *why = line.split(maxsplit=2)
            if status == "-":
                unreachable[code] = why[0]
            else:
                known[code] = int(status)
    return known, unreachable


KNOWN, UNREACHABLE = _facts()


@dataclass(frozen=True, slots=True)
class Cause:
    """A call that is refused, and what must have happened before."""

    code: str
    who: str
    call: str
    body: Any = None
    before: Callable[..., Any] | None = None
    status: int | None = None


# What happens before --------------------------------------------------------------------------


def another_device_took_over(stage, monkeypatch):
    client = stage.api()
    client.post("/auth/login", GOOD["POST /auth/login"].body, format="json")
    User.objects.filter(pk=stage.rui.pk).update(token_version=7)
    return client


def ana_is_off_duty(stage, monkeypatch):
    hour = 1 if timezone.localtime().hour >= 12 else 20
    User.objects.filter(pk=stage.ana.pk).update(
        work_starts=datetime.time(hour, 0), work_ends=datetime.time(hour, 30)
    )


def signup_is_closed(stage, monkeypatch):
    answer = stage.clients["root"].put("/setting/userCreation", {"value": "disabled"})
    assert answer.status_code == 200


def nothing_is_connected(stage, monkeypatch):
    Connection.objects.update(status="PENDING")


def nobody_has_the_number(stage, monkeypatch):
    # The network is not there in tests: this is what it would say.
    absent = ports.NumberCheck(exists=False)
    monkeypatch.setattr(ports.check_number, "_answer", lambda asked: absent)


def signup_was_never_set_up(stage, monkeypatch):
    Setting.objects.all().delete()


def the_plan_is_full(stage, monkeypatch):
    Plan.objects.update(users=1, queues=1, connections=1)


def a_token_is_taken(stage, monkeypatch):
    answer = stage.clients["rui"].put(
        f"/whatsapp/{stage.number.pk}", {"name": "acme number", "token": "taken-by-acme"}
    )
    assert answer.status_code == 200, content(answer)


def another_queue_answers(stage, monkeypatch):
    Queue.objects.get(pk=stage.sales.pk).tickets.update(queue=stage.support, agent=stage.bia)


ACME = {"name": "Fresh", "email": "a@fresh.example", "document": "12345678901", "planId": "{plan}"}
COMPANY = ACME | {"password": "secret"}
QUEUE = {"name": "Third", "color": "#010203"}
TWO_QUEUES = {"name": "Second", "queueIds": ["{queue}", "{support}"], "greetingMessage": ""}
CONNECTION = {"name": "Second"}
NOTE = {"note": "ab", "contactId": "{contact}"}
CONTACT = {"name": "Nora", "number": "5511944443333"}
LOGIN = {"email": "rui@acme.example", "password": "wrong"}
SIGNUP = GOOD["POST /auth/signup"].body
PROFILE = "GET /contacts/profile/5511944443333"
CHECKOUT = {"invoiceId": "{invoice}", "price": 1, "users": 1, "plan": '{"amount": 1}'}

CAUSES = [
    Cause("ERR_SESSION_EXPIRED", "nobody", "GET /users"),
    Cause("ERR_SESSION_EXPIRED", "nobody", "POST /auth/refresh_token"),
    Cause("ERR_SESSION_EXPIRED", "rui", "GET /auth/me"),
    Cause("ERR_SESSION_EXPIRED", "nonsense", "GET /users", status=403),
    Cause(
        "ERR_SESSION_CONFLICT",
        "nobody",
        "POST /auth/refresh_token",
        before=another_device_took_over,
    ),
    Cause("ERR_INVALID_CREDENTIALS", "nobody", "POST /auth/login", LOGIN),
    Cause(
        "ERR_OUT_OF_HOURS",
        "nobody",
        "POST /auth/login",
        {"email": "ana@acme.example", "password": "correct horse"},
        before=ana_is_off_duty,
    ),
    Cause("ERR_NO_PERMISSION", "ana", "POST /users", {}),
    Cause("ERR_NO_PERMISSION", "rui", "POST /plans", {}),
    Cause(
        "ERR_USER_CREATION_DISABLED", "nobody", "POST /auth/signup", SIGNUP, before=signup_is_closed
    ),
    Cause("ERR_NO_USER_FOUND", "rui", f"GET /users/{NONE}"),
    Cause("ERR_NO_USER_FOUND", "platform", "GET /api/users/nobody@acme.example"),
    Cause("ERR_NO_COMPANY_FOUND", "platform", f"GET /api/companies/{NONE}"),
    Cause("ERR_NO_COMPANY_FOUND", "platform", "GET /api/companiesEmail/no@acme.example"),
    Cause("ERR_NO_PLAN_FOUND", "root", f"GET /plans/{NONE}"),
    Cause("ERR_NO_INVOICE_FOUND", "rui", f"GET /invoices/{NONE}"),
    Cause("ERR_NO_PARTNER_FOUND", "platform", f"GET /api/partners/{NONE}"),
    Cause("ERR_NO_HELP_FOUND", "rui", f"GET /helps/{NONE}"),
    Cause("ERR_NO_ANNOUNCEMENT_FOUND", "rui", f"GET /announcements/{NONE}"),
    Cause("ERR_NO_CHAT_FOUND", "rui", f"GET /chats/{NONE}"),
    Cause("ERR_NO_CHAT_FOUND", "rui", f"GET /chats/{NONE}/messages"),
    Cause("ERR_NO_CONTACT_FOUND", "rui", f"GET /contacts/{NONE}"),
    Cause("ERR_NO_TAG_FOUND", "rui", f"GET /tags/{NONE}"),
    Cause("ERR_NO_TICKET_FOUND", "rui", f"GET /tickets/{NONE}"),
    Cause("ERR_NO_TICKET_FOUND", "rui", "GET /tickets/u/not-a-uuid"),
    Cause("ERR_NO_TICKETNOTE_FOUND", "rui", f"GET /ticket-notes/{NONE}"),
    Cause("ERR_NO_TICKETNOTE_FOUND", "rui", f"GET /quick-messages/{NONE}"),
    Cause("ERR_NO_QUICKMESSAGE_FOUND", "rui", f"DELETE /quick-messages/{NONE}"),
    Cause("ERR_NO_FILE_FOUND", "rui", f"GET /files/{NONE}"),
    Cause("ERR_NO_RATING_FOUND", "rui", f"DELETE /files/{NONE}"),
    Cause("ERR_NO_WAPP_FOUND", "rui", f"GET /whatsapp/{NONE}"),
    Cause("ERR_NO_BAILEYS_DATA_FOUND", "rui", "POST /contacts/import"),
    Cause("ERR_NO_DEF_WAPP_FOUND", "rui", "POST /contacts/import", before=nothing_is_connected),
    Cause("ERR_NO_DIALOG_FOUND", "rui", "PUT /queue/{queue}", {"integrationId": 7}),
    Cause("ERR_NO_FILE_FOUND", "rui", "PUT /queue/{queue}", {"fileListId": 7}),
    Cause(
        "ERR_NO_SETTING_FOUND",
        "nobody",
        "POST /auth/signup",
        SIGNUP,
        before=signup_was_never_set_up,
    ),
    Cause("ERR_QUEUE_NOT_FOUND", "rui", f"GET /queue/{NONE}"),
    Cause("ERR_NOT_FOUND", "rui", "GET /no-such-route"),
    Cause("ERR_COMPANY_INVALID_NAME", "platform", "POST /api/companies", COMPANY | {"name": "a"}),
    Cause(
        "ERR_COMPANY_NAME_ALREADY_EXISTS",
        "platform",
        "POST /api/companies",
        COMPANY | {"name": "Acme"},
    ),
    Cause(
        "ERR_COMPANY_INVALID_DOCUMENT",
        "platform",
        "POST /api/companies",
        COMPANY | {"document": "123"},
    ),
    Cause(
        "ERR_COMPANY_DOCUMENT_ALREADY_EXISTS",
        "platform",
        "POST /api/companies",
        COMPANY | {"document": "11222333000181"},
    ),
    Cause("ERR_PLAN_INVALID_NAME", "root", "POST /plans", {"name": "a"}),
    Cause("ERR_PLAN_NAME_ALREADY_EXISTS", "root", "POST /plans", {"name": "Basic"}),
    Cause("ERR_QUEUE_INVALID_NAME", "rui", "POST /queue", QUEUE | {"name": "a"}),
    Cause("ERR_QUEUE_NAME_ALREADY_EXISTS", "rui", "POST /queue", QUEUE | {"name": "Sales"}),
    Cause("ERR_QUEUE_INVALID_COLOR", "rui", "POST /queue", QUEUE | {"color": "red"}),
    Cause("ERR_QUEUE_COLOR_ALREADY_EXISTS", "rui", "POST /queue", QUEUE | {"color": "#112233"}),
    Cause("ERR_QUICKMESSAGE_REQUIRED", "rui", "POST /quick-messages", {"shortcode": "a"}),
    Cause(
        "ERR_QUICKMESSAGE_INVALID_NAME",
        "rui",
        "POST /quick-messages",
        {"shortcode": "a", "message": "ab"},
    ),
    Cause("ERR_TICKETNOTE_INVALID_NAME", "rui", "POST /ticket-notes", NOTE),
    Cause("ERR_TICKETNOTE_INVALID_NAME", "rui", "POST /ticket-notes", NOTE | {"note": None}),
    Cause("ERR_TICKETNOTE_INVALID_NAME", "rui", "PUT /ticket-notes/{note}", {"note": " a "}),
    Cause("ERR_HELP_REQUIRED", "root", "POST /helps", {"description": "How to begin"}),
    Cause("ERR_HELP_INVALID_NAME", "root", "POST /helps", {"title": "ab", "description": "abc"}),
    Cause("ERR_ANNOUNCEMENT_REQUIRED", "root", "POST /announcements", {"title": "News"}),
    Cause("ERR_RATING_NAME_ALREADY_EXISTS", "rui", "POST /files", {"name": "SECRET list"}),
    Cause("ERR_WAPP_GREETING_REQUIRED", "rui", "POST /whatsapp/", TWO_QUEUES),
    Cause("ERR_OTHER_OPEN_TICKET", "rui", "POST /tickets", {"contactId": "{contact}"}),
    Cause(
        "ERR_NO_DEF_WAPP_FOUND",
        "rui",
        "POST /tickets",
        {"contactId": "{other}"},
        before=nothing_is_connected,
    ),
    Cause("ERR_WAPP_NOT_INITIALIZED", "rui", "DELETE /whatsappsession/{connection}"),
    Cause("ERR_CHECK_NUMBER", "rui", "POST /contacts", CONTACT, before=nobody_has_the_number),
    Cause("ERR_EDITING_WAPP_MSG", "rui", "POST /messages/edit/{said}", {"body": "Hello"}),
    Cause("ERR_DELETE_WAPP_MSG", "rui", "DELETE /messages/{said}"),
    Cause(
        "ERR_EMAIL_ALREADY_EXISTS",
        "rui",
        "POST /users",
        {"email": "bia@acme.example", "password": "secret", "name": "Bia"},
    ),
    Cause(
        "ERR_USER_LIMIT_REACHED",
        "rui",
        "POST /users",
        {"email": "new@acme.example", "password": "secret", "name": "New"},
        before=the_plan_is_full,
    ),
    Cause("ERR_QUEUE_LIMIT_REACHED", "rui", "POST /queue", QUEUE, before=the_plan_is_full),
    Cause(
        "ERR_CONNECTION_LIMIT_REACHED",
        "rui",
        "POST /whatsapp/",
        CONNECTION,
        before=the_plan_is_full,
    ),
    Cause("ERR_WAPP_NAME_ALREADY_EXISTS", "rui", "POST /whatsapp/", {"name": "acme number"}),
    Cause(
        "ERR_WAPP_TOKEN_ALREADY_EXISTS",
        "rui",
        "POST /whatsapp/",
        CONNECTION | {"token": "taken-by-acme"},
        before=a_token_is_taken,
    ),
    Cause("ERR_DUPLICATED_CONTACT", "rui", "POST /contacts", CONTACT | {"number": "{number}"}),
    Cause("ERR_INVALID_NUMBER", "rui", "POST /contacts", CONTACT | {"number": "12"}),
    Cause(
        "ERR_TICKET_IN_ANOTHER_SERVICE",
        "program",
        "POST /api/messages/send",
        {"number": "{number}", "body": "Hi", "userId": "{user}", "queueId": "{queue}"},
        before=another_queue_answers,
    ),
    Cause(
        "ERR_NO_MESSAGE_FOUND",
        "rui",
        "POST /message/forward",
        {"messageId": NONE, "contactId": "{other}"},
    ),
    Cause("ERR_PIX_NOT_CONFIGURED", "rui", "POST /subscription", CHECKOUT),
    Cause("UNAUTHORIZED", "root", "GET /chats/{chat}/messages"),
    Cause("NUMBER_NOT_ON_WHATSAPP", "rui", PROFILE, before=nobody_has_the_number),
    Cause("ERR_VALIDATION", "rui", "POST /users", {"email": "no address"}),
]


@pytest.mark.parametrize("part", range(4))
def test_a_refusal_has_its_code_and_its_status(stage, monkeypatch, part):
    stage.ours["support"] = stage.support.pk
    wrong = []
    for cause in CAUSES[part::4]:
        with undone(), monkeypatch.context() as patch:
            client = cause.before and cause.before(stage, patch)
            client = client or stage.clients[cause.who]
            method, path = cause.call.split()
            answer = client.generic(
                method,
                path.format(**stage.ours),
                data=json.dumps(filled(cause.body or {}, stage.ours)).encode(),
                content_type="application/json",
            )
        said = content(answer)
        wanted = (cause.status or KNOWN[cause.code], cause.code)
        code = said.get("error") if isinstance(said, dict) else None
        if (answer.status_code, code) != wanted:
            wrong.append(f"{cause.code} {cause.call}: {answer.status_code} {said}")
    assert not wrong, "\n".join(wrong)


def test_every_code_is_caused_or_says_why_it_cannot_be():
    caused = {cause.code for cause in CAUSES}
    assert KNOWN.keys() - caused == set()
    assert caused <= KNOWN.keys()
    assert not caused & UNREACHABLE.keys()
    assert all(UNREACHABLE.values())
