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
def field(callers, neighbours, cast, ticket, client):
    """A company that has one of everything, and everybody who may call."""
    from whaticket.tenancy import in_company

    known = neighbours | {
        "ticket_id": ticket.pk,
        "ticket_uuid": str(ticket.uuid),
        "key": ticket.pk,
        "contact_id": ticket.contact_id,
        "connection_id": cast.number.pk,
        "queue_id": cast.sales.pk,
        "user_id": cast.ana.pk,
        "company_id": cast.acme.pk,
        "email": "rui@acme.example",
        "number": nonsense.PHONE,
        "name": "hoursCloseTicketsAuto",
    }
    with in_company(cast.acme.pk):
        known |= furnished(cast, ticket)
    bodies = nonsense.right(known)
    for name, path in MADE.items():
        # Names are taken once.
        named = {"name": "Made"} if "name" in bodies[path] else {}
        answer = client.post(
            path,
            bodies[path] | named,
            content_type="application/json",
            headers=callers["operator"](),
        )
        assert answer.status_code < 300, (path, answer.content)
        body = answer.json()
        body = body if "id" in body else body["record"]
        known[name] = body["id"]
        if path == "/files":
            known["option_id"] = body["options"][0]["id"]
        if path == "/chats":
            known["GET /chats/{key}"] = {"key": body["uuid"]}
            for method in ("PUT", "DELETE"):
                known[f"{method} /chats/{{key}}"] = {"key": body["id"]}
    # Nobody removes the company they are in, nor a plan that somebody is on.
    for path in ("/companies/{company_id}", "/api/companies/{company_id}"):
        known[f"DELETE {path}"] = {"company_id": cast.globex.pk}
    known["GET /api/companiesEmail/{email}"] = {"email": "pay@acme.example"}
    known["GET /public-settings/{name}"] = {"name": "appName"}
    yield fire.Range(callers, known)
    tenancy.leave_company()


@pytest.fixture
def neighbours(cast, settings, tmp_path):
    """A bank, a site and a phone's session, which some routes speak to; gives what they know."""
    from billing import services
    from billing.tests.efi_server import CLIENT, EfiServer
    from whaticket.testing.contract.neighbours import session_of, web_site

    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.MEDIA_ROOT = tmp_path / "media"
    with EfiServer() as efi, web_site(tmp_path / "site") as picture, session_of(cast.acme.pk):
        settings.EFI_URL = efi.url
        services.update_payment_account(
            client_id=CLIENT[0], client_secret=CLIENT[1], pix_key="pix@platform.example"
        )
        services.register_webhook("", "")
        (address,) = efi.webhooks.values()
        proof = address.partition("hmac=")[2].partition("&")[0]
        yield {"picture": picture, "proof": proof}


def furnished(cast, ticket):
    """Fill the company that the thread is in; give the ids."""
    from billing.models import Invoice, Plan, Subscription
    from companies.models import Company, Partner
    from contacts.identity import Identity
    from contacts.models import ContactMerge
    from contacts.services import Profile, identify_contacts, merge_contacts
    from contacts.services.imports import begin_import
    from contacts.sheets import read_sheet
    from dispatch.models import SessionLease
    from messaging.models import Message
    from whatsapp.models import ApiToken, Connection

    company = Company.objects.get(pk=cast.acme.pk)
    company.document, company.email = "11222333000181", "pay@acme.example"
    company.save()
    plan = Plan.objects.create(name="Basic", users=50, connections=20, queues=30, amount="49.90")
    Subscription.objects.create(company=company, plan=plan)
    people = [
        Profile((Identity("phone", f"551195555{n}444"),), name=f"Customer {n}") for n in range(3)
    ]
    other, kept, gone = identify_contacts(people)
    message, failed = (
        Message.objects.create(
            ticket=ticket, contact=ticket.contact, connection=cast.number, chat="5511988887777",
            wire_id=wire_id, body="hi", from_me=True, origin="agent", status=status,
            author=cast.rui,
        )
        for wire_id, status in (("A", "sent"), ("", "failed"))
    )  # fmt: skip
    spare = Connection.objects.create(name="second", driver="sandbox", pair_code="ABCD-1234")
    SessionLease.objects.create(company_id=company.pk, connection_id=cast.number.pk, owner="worker")
    row, _created = begin_import(
        read_sheet(nonsense.file_of("csv")), file_name="contacts.csv", by=cast.rui
    )
    merge_contacts(kept, gone, by=cast.rui)
    pairing = {"connection_id": spare.pk}
    return {
        "other_contact_id": other.pk,
        "message_id": message.pk,
        "invoice_id": Invoice.objects.create(
            company=company, amount="10.00", due_on=date(2027, 1, 1)
        ).pk,
        "partner_id": Partner.objects.create(
            name="Partner", document="10987654321", commission=5, commission_type="percent"
        ).pk,
        "import_id": row.pk,
        "merge_id": ContactMerge.objects.get().pk,
        "token_id": ApiToken.objects.get().pk,
        "DELETE /messages/{key}": {"key": message.pk},
        "POST /messages/{message_id}/resend": {"message_id": failed.pk},
        "POST /whatsappsession/{connection_id}/phone": pairing,
        "POST /whatsappsession/{connection_id}/verify": pairing,
    }


# What no right request reaches here, and why.
UNREACHED = {
    "GET /auth/me": "reads a browser's cookie",
    "POST /auth/refresh_token": "as above",
    "POST /auth/reset-password": "needs a mailed link",
    "GET /public/{name}": "a file that was uploaded",
    "GET /public/announcements/{name}": "as above",
    "GET /public/company{company_id}/login/{name}": "as above",
    "GET /public/company{company_id}/user/{name}": "as above",
}


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


def test_every_route_takes_a_right_request(field):
    for target in nonsense.targets():
        if fire.ONLY not in target.label:
            continue
        # Who may do most comes first.
        for who in reversed(fire.who_calls(target.schemes)):
            with fire.undone():
                field.send(nonsense.right_request(target, field.known), who)
            if target.label not in field.unreached():
                break
    shown(field)
    assert field.unreached() == {label for label in UNREACHED if fire.ONLY in label}


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
