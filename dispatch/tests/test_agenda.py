"""What happens later: planned once, claimed by one, done even when a process is killed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone

from dispatch.models import Agenda
from dispatch.services import (
    agenda,
    claim_due,
    hasten,
    on_due,
    plan,
    plan_at_latest,
    plan_each,
    run_due,
    unplan,
)
from dispatch.services.agenda import CLAIM_SECONDS
from dispatch.tasks import run_planned, sweep_agenda
from whaticket.tenancy import current_company_id, current_schema, in_company
from whaticket.testing.races import at_once


@pytest.fixture
def done(monkeypatch):
    """A registered kind, and what was done for it."""
    monkeypatch.setattr(agenda, "_actions", {})
    seen = []

    @on_due("probe")
    def act(object_id):
        seen.append((current_company_id(), object_id))

    return seen


def ago(**age):
    return timezone.now() - timedelta(**age)


def rows():
    return list(Agenda.objects.order_by("object_id").values_list("company_id", "object_id"))


def test_what_is_due_is_done_inside_its_company_and_forgotten(companies, done):
    plan("probe", 7, ago(seconds=1))
    with in_company(companies.globex.pk):
        plan("probe", 8, ago(seconds=2))
    plan("probe", 9, timezone.now() + timedelta(hours=1))

    claimed = claim_due()

    assert [(due.company_id, due.object_id) for due in claimed] == [
        (companies.globex.pk, 8),
        (companies.acme.pk, 7),
    ]
    schema = current_schema()
    assert all(run_due(due) for due in claimed)
    assert current_schema() == schema
    assert done == [(companies.globex.pk, 8), (companies.acme.pk, 7)]
    assert rows() == [(companies.acme.pk, 9)]


def test_one_query_finds_the_work_of_all_companies(companies, done, django_assert_num_queries):
    for number in range(5):
        plan("probe", number, ago(seconds=1))
        with in_company(companies.globex.pk):
            plan("probe", number, ago(seconds=1))

    # Entering a schema costs a statement of its own; let it pass first.
    assert Agenda.objects.exists()
    with django_assert_num_queries(1):
        assert len(claim_due()) == 10


def test_planning_again_moves_the_plan(companies, done):
    plan("probe", 7, ago(hours=1))
    plan("probe", 7, timezone.now() + timedelta(hours=1))

    assert claim_due() == []
    assert Agenda.objects.count() == 1


def test_many_plans_are_one_statement_and_move_earlier_ones(
    companies, done, django_assert_num_queries
):
    plan("probe", 7, timezone.now() + timedelta(hours=1))
    assert Agenda.objects.exists()
    with django_assert_num_queries(1):
        plan_each("probe", {number: ago(seconds=1) for number in (9, 8, 7)})
    plan_each("probe", {})

    assert sorted(due.object_id for due in claim_due()) == [7, 8, 9]
    assert Agenda.objects.count() == 3


def test_an_earlier_plan_stands_where_one_is_wanted_at_the_latest(companies, done):
    later, soon = timezone.now() + timedelta(hours=1), ago(seconds=1)
    plan("probe", 6, ago(hours=1))
    (running,) = claim_due()
    plan("probe", 7, soon)
    plan("probe", 8, later)
    plan("probe", 9, soon)
    Agenda.objects.filter(object_id=9).update(is_held=True)

    plan_at_latest("probe", dict.fromkeys((6, 7, 8, 9, 10), soon + timedelta(milliseconds=500)))

    assert run_due(running)  # what it settles is no longer its own
    assert sorted(due.object_id for due in claim_due()) == [6, 7, 8, 10]
    assert Agenda.objects.get(object_id=7).due_at == soon


def test_hastening_moves_plans_forward_and_makes_none(companies, done):
    plan("probe", 7, timezone.now() + timedelta(hours=1))
    plan("probe", 8, ago(hours=1))
    plan("probe", 9, timezone.now() + timedelta(hours=1))
    with in_company(companies.globex.pk):
        plan("probe", 7, timezone.now() + timedelta(hours=1))

    assert hasten("probe", [7, 8, 10], ago(seconds=1)) == 1

    assert sorted((due.company_id, due.object_id) for due in claim_due()) == [
        (companies.acme.pk, 7),
        (companies.acme.pk, 8),
    ]


def test_a_cancelled_plan_never_happens(companies, done):
    plan("probe", 7, ago(seconds=1))
    with in_company(companies.globex.pk):
        assert not unplan("probe", 7)

    assert unplan("probe", 7)
    assert claim_due() == []


def test_what_is_claimed_is_not_claimed_again_until_its_worker_must_be_dead(companies, done):
    plan("probe", 7, ago(seconds=1))
    (first,) = claim_due()

    assert claim_due() == []
    Agenda.objects.update(claimed_at=ago(seconds=CLAIM_SECONDS + 1))
    (second,) = claim_due()
    assert second.attempts == 2
    # The first worker was only slow: what it settles is no longer its own.
    assert run_due(first)
    assert rows() == [(companies.acme.pk, 7)]
    assert run_due(second)
    assert rows() == []


def test_a_plan_made_while_the_former_is_done_stays(companies, monkeypatch):
    monkeypatch.setattr(agenda, "_actions", {})

    @on_due("again")
    def act(object_id):
        plan("again", object_id, timezone.now() + timedelta(hours=1))

    plan("again", 7, ago(seconds=1))
    (due,) = claim_due()
    assert run_due(due)

    assert rows() == [(companies.acme.pk, 7)]
    assert claim_due() == []


def test_a_failure_is_put_off_longer_each_time(companies, monkeypatch):
    monkeypatch.setattr(agenda, "_actions", {})

    @on_due("broken")
    def act(object_id):
        raise RuntimeError("no")

    plan("broken", 7, ago(seconds=1))
    waits = []
    for _ in range(6):
        (due,) = claim_due()
        assert not run_due(due)
        left = Agenda.objects.get().due_at - timezone.now()
        waits.append(round(left.total_seconds()))
        Agenda.objects.update(due_at=ago(seconds=1))

    assert waits == [10, 60, 300, 1800, 1800, 1800]


def test_an_action_may_fail_inside_a_transaction_of_its_own(companies, monkeypatch):
    monkeypatch.setattr(agenda, "_actions", {})

    @on_due("rolled back")
    def act(object_id):
        with transaction.atomic():
            plan("probe", 99, timezone.now())
            raise RuntimeError("no")

    plan("rolled back", 7, ago(seconds=1))
    (due,) = claim_due()

    assert not run_due(due)
    assert rows() == [(companies.acme.pk, 7)]


def test_a_kind_nobody_knows_is_kept(companies, done):
    plan("of a later release", 7, ago(seconds=1))
    (due,) = claim_due()

    assert not run_due(due)
    assert rows() == [(companies.acme.pk, 7)]


def test_a_kind_has_one_action(done):
    with pytest.raises(ValueError, match="probe"):
        on_due("probe")(lambda object_id: None)


def test_the_sweep_hands_each_to_a_worker(companies, done, monkeypatch):
    handed = []
    monkeypatch.setattr(run_planned, "delay", lambda *args: handed.append(args))
    plan("probe", 7, ago(seconds=1))
    with in_company(companies.globex.pk):
        plan("probe", 8, ago(seconds=1))

    assert sweep_agenda() == 2
    assert all(run_planned(*args) for args in handed)
    assert sorted(done) == sorted([(companies.acme.pk, 7), (companies.globex.pk, 8)])
    assert rows() == []


def test_two_sweeps_at_once_share_the_work(scratch_company, done):
    for number in range(200):
        plan("probe", number, ago(seconds=1))
    try:
        claims = at_once(lambda _: claim_due(200), [1, 2, 3, 4])
    finally:
        Agenda.objects.filter(company_id=scratch_company.pk).delete()

    mine = [due.object_id for claim in claims for due in claim]
    assert sorted(mine) == list(range(200))


def test_every_claim_says_who_may_settle_it(companies, done):
    plan("probe", 7, ago(seconds=1))
    (due,) = claim_due()
    agenda.settle(SimpleNamespace(id=due.id, claimed_at=ago(hours=1)))

    assert rows() == [(companies.acme.pk, 7)]
