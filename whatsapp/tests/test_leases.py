"""One worker per session; whoever lost the lease changes nothing; a dead one is replaced."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch.models import Outbox, SessionLease
from whaticket.testing.races import at_once
from whatsapp.services import leases, outbound
from whatsapp.services.leases import LEASE_SECONDS, Lease


@pytest.fixture
def wanted(cast):
    leases.want_session(cast.acme.pk, cast.number.pk)
    return cast.acme.pk, cast.number.pk


def grow_old(key):
    SessionLease.objects.filter(company_id=key[0], connection_id=key[1]).update(
        heartbeat_at=timezone.now() - timedelta(seconds=LEASE_SECONDS + 1)
    )


def test_a_session_has_one_owner_until_it_is_given_back(wanted):
    (lease,) = leases.take_leases("one", 10)

    assert leases.take_leases("two", 10) == []
    leases.release(lease)
    (second,) = leases.take_leases("two", 10)
    assert second.key == lease.key == wanted
    assert second.token > lease.token


def test_a_silent_owner_is_replaced_and_fenced_out(wanted):
    (old,) = leases.take_leases("one", 10)
    grow_old(wanted)
    (new,) = leases.take_leases("two", 10)

    assert leases.beat("one", [old]) == set()
    assert leases.beat("two", [new]) == {new}
    leases.release(old)
    assert leases.beat("two", [new]) == {new}
    assert not outbound.holds(old)


def test_an_owner_that_beats_keeps_its_lease(wanted):
    (lease,) = leases.take_leases("one", 10)
    grow_old(wanted)
    assert leases.beat("one", [lease]) == {lease}
    assert leases.take_leases("two", 10) == []


def test_an_unwanted_session_is_lost_at_the_next_beat(wanted):
    (lease,) = leases.take_leases("one", 10)
    leases.want_session(*wanted, wanted=False)

    assert leases.beat("one", [lease]) == set()
    leases.release(lease)
    assert leases.take_leases("two", 10) == []


def test_a_worker_takes_no_more_than_it_has_room_for(wanted):
    leases.want_session(wanted[0], 777)
    assert len(leases.take_leases("one", 1)) == 1
    assert len(leases.take_leases("one", 1)) == 1
    assert leases.take_leases("one", 1) == []


def test_a_command_is_taken_once_and_only_by_the_owner(wanted):
    (old,) = leases.take_leases("one", 10)
    grow_old(wanted)
    (new,) = leases.take_leases("two", 10)
    leases.command_session(*wanted, {"do": "restart"})

    assert leases.take_commands([old]) == []
    assert leases.take_commands([new]) == [(new, {"do": "restart"})]
    assert leases.take_commands([new]) == []


def test_forgetting_removes_all_that_points_at_a_connection(wanted):
    company_id, connection_id = wanted
    Outbox.objects.create(company_id=company_id, connection_id=connection_id, chat="phone:1")
    Outbox.objects.create(company_id=company_id, connection_id=777, chat="phone:1")

    leases.forget_session(company_id, connection_id)

    assert not SessionLease.objects.filter(connection_id=connection_id, company_id=company_id)
    assert Outbox.objects.get(company_id=company_id).connection_id == 777


def test_many_workers_at_once_never_share_a_session(scratch_company):
    for number in range(30):
        leases.want_session(scratch_company.pk, number)
    takings = at_once(lambda name: leases.take_leases(name, 30), ["a", "b", "c", "d"])

    taken = [lease for taking in takings for lease in taking]
    mine = [lease for lease in taken if lease.company_id == scratch_company.pk]
    assert sorted(lease.connection_id for lease in mine) == list(range(30))
    assert isinstance(mine[0], Lease)
