"""The whole API document under fire: no crash, and no answer that the document does not know.

In CI with few examples and always the same ones; docs/hostile-input.md tells how to shoot longer.
"""

from datetime import date
from random import Random

import pytest

from whaticket import tenancy
from whaticket.testing import answers, fire, nonsense

MADE = {
    "tag_id": "/tags",
    "quick_message_id": "/quick-messages",
    "file_list_id": "/files",
    "todo_id": "/todos",
    "announcement_id": "/announcements",
    "help_id": "/helps",
    "plan_id": "/plans",
    "chat_id": "/chats",
    "note_id": "/ticket-notes",
}


@pytest.fixture(scope="module")
def schema():
    return fire.load()


@pytest.fixture
def callers(cast, settings):
    """The headers of somebody of each kind."""
    from accounts import tokens
    from accounts.models import Session
    from accounts.services import create_user
    from whatsapp.models import ApiToken
    from whatsapp.services.tokens import issue_token

    settings.COMPANY_TOKEN = settings.ENV_TOKEN = "token-of-the-platform"
    root = create_user(
        company_id=cast.acme.pk,
        email="root@acme.example",
        password="correct horse",
        name="Root",
        profile="admin",
        is_super=True,
    )
    scopes = ApiToken.Scope.values
    _, secret = issue_token(cast.number, name="all", scopes=scopes, by=cast.rui)

    def person(user):
        session = Session.objects.create(user=user, token_version=user.token_version)
        return lambda: {"Authorization": f"Bearer {tokens.access_token(user, session)}"}

    return {
        "admin": person(cast.rui),
        "agent": person(cast.ana),
        "operator": person(root),
        "platform": lambda: {"Authorization": "Bearer token-of-the-platform"},
        "program": lambda: {"Authorization": f"Bearer {secret}"},
        "nobody": dict,
    }


@pytest.fixture
def field(callers, cast, ticket, client):
    """A company that has one of everything, and everybody who may call."""
    from billing.models import Invoice
    from messaging.models import Message
    from whaticket.tenancy import in_company

    invoice = Invoice.objects.create(company=cast.acme, amount="10.00", due_on=date(2027, 1, 1))
    known = {
        "ticket_id": ticket.pk,
        "ticket_uuid": ticket.uuid,
        "key": ticket.pk,
        "contact_id": ticket.contact_id,
        "connection_id": cast.number.pk,
        "queue_id": cast.sales.pk,
        "user_id": cast.ana.pk,
        "company_id": cast.acme.pk,
        "invoice_id": invoice.pk,
        "email": "rui@acme.example",
        "number": "5511988887777",
        "name": "hoursCloseTicketsAuto",
    }
    bodies = nonsense.right(known)
    for name, path in MADE.items():
        answer = client.post(
            path, bodies[path], content_type="application/json", headers=callers["operator"]()
        )
        assert answer.status_code < 300, (path, answer.content)
        body = answer.json()
        known[name] = body["id"] if "id" in body else body["record"]["id"]
    said = client.post(f"/messages/{ticket.pk}", {"body": "hi"}, headers=callers["admin"]())
    assert said.status_code == 200, said.content
    with in_company(cast.acme.pk):
        known["message_id"] = Message.objects.get().wire_id
    yield fire.Range(callers, known)
    tenancy.leave_company()


def shown(field):
    """Fail with all that was found."""
    assert not field.faults, f"{len(field.faults)} faults\n\n{field.report()}"


def test_no_request_of_schemathesis_gets_an_answer_that_the_document_does_not_know(field, schema):
    for found in schema.get_all_operations():
        if fire.ONLY in found.ok().label:
            fire.bombard(field, found.ok(), 1)
    shown(field)


def test_no_chain_of_requests_gets_an_answer_that_the_document_does_not_know(field, schema):
    fire.follow(field, schema, 80)
    shown(field)


def test_no_hostile_value_at_any_place_of_a_request_breaks_a_route(field):
    chance = Random(fire.SEED)
    for target in nonsense.targets():
        if fire.ONLY not in target.label:
            continue
        for request in nonsense.requests(target, field.known):
            # There are about 70,000.
            if chance.random() < 0.005 * fire.TIMES:
                with fire.undone():
                    field.send(request, chance.choice(fire.who_calls(target.schemes)))
    shown(field)


def test_a_crash_and_an_answer_outside_of_the_document_are_seen(field, settings, monkeypatch):
    get_tags = answers.document()["paths"]["/tags"]["get"]["responses"]
    monkeypatch.setitem(
        get_tags, "200", {"content": {"application/json": {"schema": {"type": "integer"}}}}
    )
    schema = fire.load()
    fire.bombard(field, schema["/tags"]["GET"], 3)
    # Comparing it with what a caller shows cannot work.
    settings.COMPANY_TOKEN = 5
    fire.bombard(field, schema["/api/plans"]["GET"], 1)
    assert {label for label, _ in field.faults} == {"GET /tags", "GET /api/plans"}
