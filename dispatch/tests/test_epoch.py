"""After a restore nothing that was due before is done until somebody approves it."""

from datetime import timedelta

from django.utils import timezone

from dispatch.models import Agenda, Outbox
from dispatch.services import (
    approve_agenda,
    begin_epoch,
    claim_due,
    current_epoch,
    discard_agenda,
    held_work,
    plan,
)
from whaticket.tenancy import in_company


def outbox(company, kind="send", state="queued"):
    return Outbox.objects.create(
        company_id=company.pk, connection_id=1, chat="phone:1", kind=kind, state=state
    )


def test_sends_and_plans_of_before_are_held(companies):
    waiting = outbox(companies.acme)
    half_done = outbox(companies.acme, state="sending")
    outbox(companies.globex, kind="react")
    plan("probe", 1, timezone.now() - timedelta(minutes=5))
    before = current_epoch()

    assert begin_epoch() == (3, 1)

    assert current_epoch().epoch != before.epoch
    for row in (waiting, half_done):
        row.refresh_from_db()
        assert row.state == Outbox.State.HELD
    assert claim_due() == []
    assert [(held.company_id, held.messages, held.plans) for held in held_work()] == [
        (companies.acme.pk, 2, 1),
        (companies.globex.pk, 1, 0),
    ]


def test_what_nobody_sees_twice_goes_on(companies):
    read, fetch = outbox(companies.acme, "read"), outbox(companies.acme, "fetch")

    begin_epoch()

    for row in (read, fetch):
        row.refresh_from_db()
        assert row.state == Outbox.State.QUEUED


def test_what_is_due_later_or_planned_since_is_not_held(companies):
    plan("probe", 1, timezone.now() + timedelta(minutes=5))
    begin_epoch()
    plan("probe", 2, timezone.now())

    assert held_work() == []
    assert [due.object_id for due in claim_due()] == [2]


def test_held_plans_are_approved_or_forgotten_by_company(companies):
    for company in (companies.acme, companies.globex):
        with in_company(company.pk):
            plan("probe", 1, timezone.now() - timedelta(minutes=5))
    begin_epoch()

    assert approve_agenda(companies.acme.pk) == 1
    assert discard_agenda(companies.globex.pk) == 1
    assert [due.company_id for due in claim_due()] == [companies.acme.pk]
    assert Agenda.objects.count() == 1


def test_planning_a_held_thing_anew_frees_it(companies):
    plan("probe", 1, timezone.now() - timedelta(minutes=5))
    begin_epoch()
    plan("probe", 1, timezone.now())

    assert held_work(companies.acme.pk) == []
    assert len(claim_due()) == 1


def test_a_second_epoch_holds_nothing_twice(companies):
    outbox(companies.acme)
    begin_epoch()

    assert begin_epoch() == (0, 0)
    assert held_work(companies.globex.pk) == []
