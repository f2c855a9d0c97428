"""What operators decide on the pages of connections, work that waits, and raw events."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import User
from dispatch.models import Agenda, Inbox, Outbox, SessionLease
from events.models import EventRecord
from messaging.models import InboundEvent, Message
from whaticket.tenancy import in_company, leave_company
from whatsapp.events import ApiTokenRevoked
from whatsapp.models import ApiToken, Connection
from whatsapp.services.tokens import caller_of, issue_token


@pytest.fixture
def browser(cast):
    User.objects.filter(pk=cast.rui.pk).update(is_super=True)
    leave_company()
    client = Client()
    client.force_login(cast.rui, backend="accounts.backends.EmailBackend")
    return client


@pytest.fixture
def act(browser):
    """`act("approve", row, ...)`: choose rows of a list and an action; gives what is said."""

    def choose(action, *rows):
        page = f"/admin/{rows[0]._meta.app_label}/{rows[0]._meta.model_name}/"
        body = {"action": action, "_selected_action": [row.pk for row in rows]}
        answer = browser.post(page, body, follow=True)
        leave_company()
        assert answer.status_code == 200
        return [str(message) for message in answer.context["messages"]]

    return choose


@pytest.fixture
def inside(browser, cast):
    browser.post("/admin/enter/", {"company": cast.acme.pk, "reason": "asked for help"})
    leave_company()


def held(company, number, **more):
    return Outbox.objects.create(
        company_id=company.pk, connection_id=number.pk, chat="c", state="held", **more
    )


@pytest.fixture
def message(ticket, cast):
    return Message.objects.create(
        ticket=ticket, connection=cast.number, from_me=True, status="queued", origin="agent"
    )


def test_only_the_chosen_held_sends_go_out(act, cast):
    chosen, other = held(cast.acme, cast.number), held(cast.acme, cast.number)
    foreign = held(cast.globex, cast.foreign_number)
    sending = Outbox.objects.create(
        company_id=cast.acme.pk, connection_id=1, chat="c", state="sending"
    )
    act("approve", chosen, foreign, sending)
    states = dict(Outbox.objects.values_list("pk", "state"))
    assert (states[chosen.pk], states[foreign.pk]) == ("queued", "queued")
    assert (states[other.pk], states[sending.pk]) == ("held", "sending")
    assert LogEntry.objects.filter(object_id=str(chosen.pk)).exists()


def test_held_sends_are_given_up_and_the_message_says_so(message, act, cast):
    row = held(cast.acme, cast.number, message_id=message.pk)
    leave_company()
    act("give_up", row)
    assert not Outbox.objects.filter(pk=row.pk).exists()
    with in_company(cast.acme.pk):
        message.refresh_from_db()
    assert (message.status, message.failure_code) == ("failed", "discarded")


def test_plans_are_approved_forgotten_and_brought_forward(act, cast):
    later = timezone.now() + datetime.timedelta(hours=1)

    def plan(number, **more):
        return Agenda.objects.create(
            company_id=cast.acme.pk, kind="x", object_id=number, due_at=later, **more
        )

    good, bad, other, soon = (
        plan(1, is_held=True), plan(2, is_held=True), plan(3, is_held=True), plan(4),
    )  # fmt: skip
    act("approve", good)
    act("give_up", bad, soon)
    act("hasten", soon, other)
    good.refresh_from_db()
    other.refresh_from_db()
    soon.refresh_from_db()
    assert not good.is_held
    assert not Agenda.objects.filter(pk=bad.pk).exists()
    assert soon.due_at <= timezone.now()
    assert (other.is_held, other.due_at) == (True, later)


def test_a_session_is_restarted_and_ended_from_its_lease(act, cast):
    lease = SessionLease.objects.create(
        company_id=cast.acme.pk, connection_id=cast.number.pk, owner="a"
    )
    gone = SessionLease.objects.create(company_id=cast.acme.pk, connection_id=999_999)
    act("restart", lease)
    lease.refresh_from_db()
    assert lease.command == {"do": "restart"}
    assert any("ERR_" in said for said in act("restart", gone))
    act("end", lease)
    lease.refresh_from_db()
    assert lease.command == {"do": "logout"}


def test_connections_are_controlled_inside_their_company(act, inside, cast):
    assert any("ERR_" in said for said in act("end", cast.number))
    act("restart", cast.number)
    lease = SessionLease.objects.get(company_id=cast.acme.pk, connection_id=cast.number.pk)
    assert lease.command == {"do": "restart"}
    act("start", cast.number)
    with in_company(cast.acme.pk):
        assert Connection.objects.get(pk=cast.number.pk).status == "OPENING"


def test_a_key_of_a_program_is_revoked(act, inside, cast):
    with in_company(cast.acme.pk):
        token, secret = issue_token(cast.number, name="crm", scopes=["contacts:read"], by=None)
    act("revoke", token)
    assert caller_of(secret) is None
    with in_company(cast.acme.pk):
        assert not ApiToken.objects.filter(pk=token.pk).exists()
        assert EventRecord.objects.filter(name=ApiTokenRevoked.name, actor_id=cast.rui.pk).exists()


def test_dead_events_are_found_and_understood_again(browser, act, inside, cast):
    with in_company(cast.acme.pk):
        dead = InboundEvent.objects.create(
            connection=cast.number,
            chat="c",
            wire_id="w1",
            kind="message",
            raw={"type": "nonsense", "secret": "media-key"},
            projected_at=timezone.now(),
            failure="KeyError",
        )
    listed = browser.get("/admin/messaging/inboundevent/?outcome=dead").content
    assert b"w1" in listed
    assert b"w1" not in browser.get("/admin/messaging/inboundevent/?outcome=waiting").content
    shown = browser.get(f"/admin/messaging/inboundevent/{dead.pk}/change/").content
    assert b"KeyError" in shown
    assert b"media-key" not in shown
    leave_company()
    before = timezone.now()
    act("understand", dead)
    assert not Inbox.objects.filter(event_id=dead.pk).exists()
    with in_company(cast.acme.pk):
        assert InboundEvent.objects.filter(pk=dead.pk, projected_at__gt=before).exists()


def test_what_came_in_is_understood_now(act, cast):
    with in_company(cast.acme.pk):
        event = InboundEvent.objects.create(
            connection=cast.number, chat="c", wire_id="w2", kind="message", raw={"type": "nonsense"}
        )
    leave_company()
    Inbox.objects.create(company_id=cast.acme.pk, connection_id=cast.number.pk, event_id=event.pk)
    act("understand", Inbox.objects.get())
    assert not Inbox.objects.exists()
    with in_company(cast.acme.pk):
        assert InboundEvent.objects.get(wire_id="w2").projected_at is not None
