"""The race tests mean something: code that reads before it writes does not pass them."""

import threading

import pytest
from django.db.models import QuerySet

from tickets import services
from tickets.exceptions import TicketTaken
from tickets.models import Ticket
from whaticket.testing.races import at_once


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


def winners_of(team):
    def accept(agent):
        try:
            return services.accept_ticket(team.ticket, by=agent).agent_id
        except TicketTaken:
            return None

    return [pk for pk in at_once(accept, team.agents) if pk is not None]


def test_reading_before_writing_gives_a_ticket_to_several(scratch_team, read_then_write):
    assert len(winners_of(scratch_team)) > 1


def test_the_conditional_update_gives_it_to_one(scratch_team):
    assert len(winners_of(scratch_team)) == 1
