"""Restores hold, commands decide; replays double nothing; old raw events go."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from dispatch.models import Agenda, Inbox, Outbox
from dispatch.services import plan
from messaging.models import InboundEvent, Message
from messaging.services.send import Draft, send_message
from whaticket.tenancy import in_company, leave_company
from whatsapp.services import upkeep
from whatsapp.services.inbound import project_events
from whatsapp.tasks import prune_raw_events, sweep_inbox, sweep_stuck_outbox
from whatsapp.tests.test_cloud_webhook import call, cloud, incoming, path_of  # noqa: F401


def run(name, *args):
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def held(cast, ticket):
    message = send_message(ticket, Draft(body="before"), by=cast.rui)
    plan("probe", 1, timezone.now() - timedelta(minutes=1))
    assert "1 sends and 1 plans are held" in run("begin_epoch")
    return message


def test_released_sends_wait_for_their_session_again(cast, held):
    assert "1 sends and 1 plans released" in run("release_held", f"--company={cast.acme.pk}")

    assert Outbox.objects.get(message_id=held.pk).state == Outbox.State.QUEUED
    assert not Agenda.objects.get().is_held
    with pytest.raises(CommandError, match="Nothing is held"):
        run("release_held", f"--company={cast.acme.pk}")


def test_discarded_sends_say_why_they_failed(cast, held):
    run("release_held", f"--company={cast.acme.pk}", "--discard")

    held.refresh_from_db()
    assert (held.status, held.failure_code) == (Message.Status.FAILED, "discarded")
    assert not Outbox.objects.filter(message_id=held.pk).exists()
    assert not Agenda.objects.exists()


def test_another_companys_decision_touches_nothing_here(cast, held):
    with pytest.raises(CommandError):
        run("release_held", f"--company={cast.globex.pk}", "--discard")
    assert Outbox.objects.get(message_id=held.pk).state == Outbox.State.HELD


def test_a_replay_doubles_nothing_and_finds_what_was_missed(cast, cloud, call):  # noqa: F811
    for number in range(3):
        call(path_of(cloud), incoming(f"wamid.{number}"))
    upkeep.project_all(cloud.pk)
    Message.objects.filter(wire_id="wamid.1").delete()

    assert f"company {cast.acme.pk}: 3 of 3 events" in run("replay_inbound", "--days=1")
    assert "no events" in run(
        "replay_inbound", f"--company={cast.acme.pk}", f"--connection={cast.number.pk}"
    )
    assert Message.objects.filter(connection=cloud).count() == 3
    assert not Inbox.objects.filter(connection_id=cloud.pk).exists()


def test_a_replay_that_cannot_be_meant_is_refused(cast):
    for wrong in (["--connection=1"], ["--company=987654"], ["--days=0"]):
        with pytest.raises(CommandError):
            run("replay_inbound", *wrong)


def test_what_no_session_projects_the_sweep_does(cast, cloud, call):  # noqa: F811
    call(path_of(cloud), incoming())
    leave_company()
    assert sweep_inbox() == 0
    Inbox.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert sweep_inbox() == 1
    with in_company(cast.acme.pk):
        assert Message.objects.filter(wire_id="wamid.1").exists()


def test_old_events_go_but_never_one_that_waits(cast, cloud, call):  # noqa: F811
    for number in range(3):
        call(path_of(cloud), incoming(f"wamid.{number}"))
    upkeep.project_all(cloud.pk)
    old = timezone.now() - timedelta(days=40)
    InboundEvent.objects.exclude(wire_id="wamid.2").update(received_at=old)
    waiting = InboundEvent.objects.get(wire_id="wamid.1")
    Inbox.objects.create(company_id=cast.acme.pk, connection_id=cloud.pk, event_id=waiting.pk)
    leave_company()

    assert prune_raw_events() == 1
    with in_company(cast.acme.pk):
        assert set(InboundEvent.objects.values_list("wire_id", flat=True)) == {
            "wamid.1",
            "wamid.2",
        }
        assert project_events(cloud.pk) == 1


def test_overdue_work_is_reported_by_connection(cast, ticket):
    message = send_message(ticket, Draft(body="late"), by=cast.rui)
    assert sweep_stuck_outbox() == 0
    Outbox.objects.update(created_at=timezone.now() - timedelta(hours=1))
    (stuck,) = upkeep.stuck_outbox()

    assert (stuck.company_id, stuck.connection_id) == (cast.acme.pk, message.connection_id)
    assert sweep_stuck_outbox() == 1


def test_traffic_is_noted_at_most_once_a_minute(cloud, call):  # noqa: F811
    call(path_of(cloud), incoming())
    cloud.refresh_from_db()
    first = cloud.last_seen_at
    call(path_of(cloud), incoming("wamid.2"))
    cloud.refresh_from_db()

    assert first is not None
    assert cloud.last_seen_at == first
