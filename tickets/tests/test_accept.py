"""The first agent who asks gets the ticket; everybody else hears that it is taken."""

import threading

import pytest
from django.db.models import QuerySet

from tickets import services
from tickets.events import TicketAccepted
from tickets.exceptions import AgentNotInQueue, TicketNotFound, TicketTaken
from tickets.models import Episode, QueueMember, Ticket
from whaticket.testing.races import at_once


def test_only_the_first_agent_gets_the_ticket(ticket, cast, heard):
    QueueMember.objects.create(queue=cast.sales, user=cast.bia)
    accepted = services.accept_ticket(ticket, by=cast.ana)
    assert (accepted.status, accepted.agent_id, accepted.is_bot) == ("open", cast.ana.pk, False)
    with pytest.raises(TicketTaken):
        services.accept_ticket(ticket, by=cast.bia)
    (event,) = heard(TicketAccepted)
    assert event["agent_id"] == event["by_id"] == cast.ana.pk
    assert event["before"]["status"] == "pending"


def test_asking_twice_for_the_same_ticket_changes_nothing(ticket, cast, heard):
    services.accept_ticket(ticket, by=cast.ana)
    services.accept_ticket(ticket, by=cast.ana)
    assert len(heard(TicketAccepted)) == 1


def test_a_ticket_of_another_queue_is_not_found(ticket, cast):
    with pytest.raises(TicketNotFound):
        services.accept_ticket(ticket, by=cast.bia)


def test_a_ticket_that_waits_for_a_colleague_is_taken(ticket, cast):
    Ticket.objects.filter(pk=ticket.pk).update(agent=cast.rui)
    with pytest.raises(TicketTaken):
        services.accept_ticket(ticket, by=cast.ana)


def test_a_ticket_without_a_queue_gets_the_one_the_agent_chooses(ticket, cast):
    Ticket.objects.filter(pk=ticket.pk).update(queue=None)
    ticket.refresh_from_db()
    cast.ana.sees_unqueued = True
    with pytest.raises(AgentNotInQueue):
        services.accept_ticket(ticket, by=cast.ana, queue_id=cast.support.pk)
    assert services.accept_ticket(ticket, by=cast.ana, queue_id=cast.sales.pk).queue == cast.sales


def test_accepting_starts_the_episode(ticket, cast):
    services.accept_ticket(ticket, by=cast.ana)
    episode = Episode.objects.get(ticket=ticket)
    assert episode.agent_id == cast.ana.pk
    assert episode.started_at is not None


def winners_of(team):
    """Let all agents accept at once; give those who got the ticket."""

    def accept(agent):
        try:
            return services.accept_ticket(team.ticket, by=agent).agent_id
        except TicketTaken:
            return None

    return [pk for pk in at_once(accept, team.agents) if pk is not None]


def test_of_eight_agents_at_once_one_gets_the_ticket(scratch_team):
    (winner,) = winners_of(scratch_team)
    assert Ticket.objects.get(pk=scratch_team.ticket.pk).agent_id == winner


@pytest.fixture
def read_then_write(monkeypatch, scratch_team):
    """Make the conditional UPDATE of a ticket a look, and then an UPDATE without conditions.

    All look before any writes, which is what eight agents at once come to sooner or later.
    """
    update = QuerySet.update
    have_looked = threading.Barrier(len(scratch_team.agents))

    def unconditional(rows, **changes):
        if rows.model is not Ticket or "agent_id" not in changes:
            return update(rows, **changes)
        seen = list(rows)
        have_looked.wait(timeout=20)
        for row in seen:
            update(Ticket.objects.filter(pk=row.pk), **changes)
        return len(seen)

    monkeypatch.setattr(QuerySet, "update", unconditional)


def test_that_race_is_seen_when_code_reads_before_it_writes(scratch_team, read_then_write):
    assert len(winners_of(scratch_team)) > 1
