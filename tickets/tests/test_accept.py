"""The first agent who asks gets the ticket; everybody else hears that it is taken."""

import pytest

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


def test_of_eight_agents_at_once_one_gets_the_ticket(scratch_team):
    def accept(agent):
        try:
            return services.accept_ticket(scratch_team.ticket, by=agent).agent_id
        except TicketTaken:
            return None

    winners = [pk for pk in at_once(accept, scratch_team.agents) if pk is not None]
    assert len(winners) == 1
    assert Ticket.objects.get(pk=scratch_team.ticket.pk).agent_id == winners[0]
