"""What happens to tickets when nobody does anything (behaviour 99-103)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from companies.models import Company
from dispatch.models import Agenda
from dispatch.services import claim_due, run_due
from events.bus import publish
from messaging.models import Message
from messaging.services.send import Draft, send_message
from tickets.events import TicketClosed, TicketExpired, TicketRedirected, TicketWarned
from tickets.models import Episode, Queue, Ticket
from tickets.services import delete_queue
from tickets.services.episodes import begin_episodes
from tickets.services.timers import run_timers
from tickets.wire import ticket_log
from whatsapp.events import SessionChanged
from whatsapp.models import Connection
from whatsapp.services.connections import Wanted, update_connection

NOW = timezone.now


@pytest.fixture
def sets(cast):
    """`sets(expires_minutes=30)`: change the connection as an administrator does."""

    def change(**columns):
        # Two queues need a greeting.
        wanted = Wanted(columns={"greeting_message": "Oi", **columns})
        update_connection(cast.number, wanted, by=None)
        cast.number.refresh_from_db()

    return change


@pytest.fixture
def idle(make_ticket, cast):
    """`idle(40)`: an open ticket of Ana to which nothing has happened for forty minutes."""

    def make(minutes, **fields):
        fields = {"status": "open", "agent": cast.ana, "last_message_from_me": True, **fields}
        ticket = make_ticket(updated_at=NOW() - timedelta(minutes=minutes), **fields)
        begin_episodes([ticket], at=NOW() - timedelta(minutes=minutes))
        return ticket

    return make


def tick():
    """Let the clock come by once; give how many plans were due."""
    due = claim_due()
    assert all(run_due(one) for one in due)
    return len(due)


def next_look(cast):
    return Agenda.objects.get(kind="tickets.timers", object_id=cast.number.pk).due_at


def in_minutes(moment):
    return round((moment - NOW()).total_seconds() / 60)


def status(ticket):
    ticket.refresh_from_db()
    return ticket.status


def said(ticket):
    rows = Message.objects.filter(ticket=ticket, origin="bot").order_by("pk")
    return [body.lstrip("\u200e") for body in rows.values_list("body", flat=True)]


# ----------------------------------------------------------------- rules 100, 102: idle tickets


def test_an_idle_ticket_is_closed_with_the_text_of_the_connection(cast, sets, idle):
    old, young = idle(31), idle(29)
    sets(expires_minutes=30, expires_message="Até logo, {{firstName}}")
    assert tick() == 1
    assert (status(old), status(young)) == ("closed", "open")
    assert said(old) == ["Até logo, Customer"]
    assert old.last_message.lstrip("\u200e") == "Até logo, Customer"
    assert said(young) == []


def test_the_clock_looks_again_when_the_next_ticket_can_be_due(cast, sets, idle):
    idle(10)
    idle(25)
    sets(expires_minutes=30)
    tick()
    assert in_minutes(next_look(cast)) == 5
    assert tick() == 0


def test_what_was_busy_meanwhile_is_left_alone_and_nothing_was_planned_for_it(cast, sets, idle):
    ticket = idle(25)
    sets(expires_minutes=30)
    tick()
    before = list(Agenda.objects.filter(kind="tickets.timers").values_list("pk", "due_at"))
    send_message(ticket, Draft(body="já vejo"), by=cast.ana)
    assert list(Agenda.objects.filter(kind="tickets.timers").values_list("pk", "due_at")) == before
    Agenda.objects.update(due_at=NOW())
    tick()
    assert status(ticket) == "open"
    assert in_minutes(next_look(cast)) == 30


def test_rule_103_no_farewell_no_rating_and_its_own_word_in_the_log(cast, sets, idle, heard):
    import json

    ticket = idle(40, unread_count=3, bot_menu_count=2)
    sets(
        expires_minutes=30,
        expires_message="Encerrado",
        completion_message="Obrigado",
        rating_message="Nota?",
    )
    tick()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.unread_count, ticket.bot_menu_count) == ("closed", 0, 0)
    assert ticket.is_newest_closed
    assert ticket.closed_at is not None
    assert said(ticket) == ["Encerrado"]
    episode = Episode.objects.get(ticket=ticket)
    assert episode.finished_at is not None
    assert episode.closed_at == episode.finished_at
    (event,) = heard(TicketExpired)
    assert event["before"]["status"] == "open"
    assert heard(TicketClosed) == []
    assert json.loads(ticket_log(ticket.pk))[0]["type"] == "autoClose"


def test_only_after_us_means_that_the_customer_never_waits_for_nothing(cast, sets, idle):
    theirs, ours = idle(40, last_message_from_me=False), idle(40)
    sets(expires_minutes=30, expires_only_after_us=True)
    tick()
    assert (status(theirs), status(ours)) == ("open", "closed")
    sets(expires_only_after_us=False)
    tick()
    assert status(theirs) == "closed"


@pytest.mark.parametrize(
    "other",
    [
        {"status": "pending", "agent": None},
        {"status": "group", "is_group": True},
        {"status": "lgpd", "agent": None},
        {"imported_at": NOW()},
    ],
)
def test_other_tickets_do_not_expire(cast, sets, idle, other):
    ticket = idle(90, **other)
    sets(expires_minutes=30)
    tick()
    assert status(ticket) == other.get("status", "open")


def test_the_customer_is_warned_first_and_has_the_whole_time_after_it(cast, sets, idle, heard):
    ticket = idle(11)
    sets(
        inactive_minutes=10,
        inactive_message="Ainda está aí?",
        expires_minutes=30,
        expires_message="Fim",
    )
    tick()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.is_warned_inactive) == ("open", True)
    assert said(ticket) == ["Ainda está aí?"]
    assert len(heard(TicketWarned)) == 1
    Agenda.objects.update(due_at=NOW())
    tick()
    assert said(ticket) == ["Ainda está aí?"]

    Ticket.objects.update(updated_at=NOW() - timedelta(minutes=31))
    Agenda.objects.update(due_at=NOW())
    tick()
    assert status(ticket) == "closed"
    assert said(ticket) == ["Ainda está aí?", "Fim"]


def test_what_is_idle_for_ever_is_warned_before_it_is_closed(cast, sets, idle):
    ticket = idle(9_000)
    sets(inactive_minutes=10, inactive_message="?", expires_minutes=30)
    tick()
    assert status(ticket) == "open"
    assert said(ticket) == ["?"]


def test_a_customer_who_answers_the_warning_is_warned_anew_later(cast, sets, idle, customer):
    from messaging.services.receive import receive_messages
    from messaging.tests.test_receive import arrival

    ticket = idle(11, contact=customer("Carla", "5511988887777"))
    sets(inactive_minutes=10, inactive_message="?", expires_minutes=30)
    tick()
    (message,) = receive_messages(cast.number, [arrival("A1", "sim")])
    assert message.ticket_id == ticket.pk
    ticket.refresh_from_db()
    assert not ticket.is_warned_inactive
    Ticket.objects.update(updated_at=NOW() - timedelta(minutes=11))
    Agenda.objects.update(due_at=NOW())
    tick()
    assert said(ticket) == ["?", "?"]


def test_a_warning_that_cannot_be_sent_does_not_keep_the_ticket_open(cast, sets, idle):
    ticket = idle(11)
    sets(inactive_minutes=10, inactive_message="x" * 70_000, expires_minutes=30)
    tick()
    ticket.refresh_from_db()
    assert (ticket.is_warned_inactive, said(ticket)) == (True, [])


# ----------------------------------------------------------- when the number or company is away


def test_while_the_number_is_away_nothing_happens_and_it_is_made_up_for(cast, sets, idle):
    ticket = idle(40)
    sets(expires_minutes=30)
    Connection.objects.update(status="DISCONNECTED")
    tick()
    assert status(ticket) == "open"
    assert in_minutes(next_look(cast)) == 10
    Connection.objects.update(status="CONNECTED")
    publish(SessionChanged(connection_id=cast.number.pk, status="CONNECTED"))
    tick()
    assert status(ticket) == "closed"


def test_a_company_that_is_switched_off_sends_nothing(cast, sets, idle):
    ticket = idle(40)
    sets(expires_minutes=30, expires_message="Fim")
    Company.objects.filter(pk=cast.acme.pk).update(is_active=False)
    tick()
    assert (status(ticket), said(ticket)) == ("open", [])


def test_a_connection_without_timers_has_no_plan(cast, sets, idle):
    ticket = idle(9_000)
    sets(expires_minutes=30)
    sets(expires_minutes=0)
    tick()
    assert not Agenda.objects.filter(kind="tickets.timers").exists()
    assert status(ticket) == "open"


def test_tickets_of_other_connections_and_companies_are_left_alone(cast, sets, idle):
    other = Connection.objects.create(name="other", status="CONNECTED")
    ticket = idle(90, connection=other)
    sets(expires_minutes=30)
    tick()
    assert status(ticket) == "open"


def test_a_removed_connection_leaves_no_plan(cast, sets):
    from whatsapp.services.connections import delete_connection

    sets(expires_minutes=30)
    delete_connection(cast.number, by=None)
    assert not Agenda.objects.filter(kind="tickets.timers").exists()
    assert run_timers(cast.number.pk) == 0


def test_what_is_held_since_a_restore_stays_held(cast, sets, idle):
    ticket = idle(40)
    sets(expires_minutes=30)
    Agenda.objects.update(is_held=True)
    publish(SessionChanged(connection_id=cast.number.pk, status="CONNECTED"))
    assert tick() == 0
    assert status(ticket) == "open"


# -------------------------------------------------------------------- rule 101: nobody rates


def test_an_unanswered_rating_expires_with_the_closing_text(cast, sets, idle, heard):
    old, young = idle(16, status="nps"), idle(14, status="nps")
    sets(rating_expires_minutes=15, completion_message="Obrigado", expires_message="Fim")
    tick()
    assert (status(old), status(young)) == ("closed", "nps")
    assert said(old) == ["Obrigado"]
    (event,) = heard(TicketExpired)
    assert event["before"]["status"] == "nps"


# ------------------------------------------------------------------ rule 99: no queue for long


def test_what_waits_without_a_queue_is_moved_to_one(cast, sets, idle, heard):
    import json

    old = idle(6, status="pending", agent=None, queue=None)
    young = idle(4, status="pending", agent=None, queue=None)
    elsewhere = idle(6, status="pending", agent=None, queue=cast.support)
    sets(move_after_minutes=5, move_to_queue_id=cast.sales.pk)
    tick()
    queues = [Ticket.objects.get(pk=t.pk).queue_id for t in (old, young, elsewhere)]
    assert queues == [cast.sales.pk, None, cast.support.pk]
    assert Episode.objects.get(ticket=old).queue_id == cast.sales.pk
    assert status(old) == "pending"
    (event,) = heard(TicketRedirected)
    assert event["queue_id"] == cast.sales.pk
    assert event["before"]["queue_id"] is None
    assert json.loads(ticket_log(old.pk))[0]["type"] == "redirect"
    assert in_minutes(next_look(cast)) == 1


def test_a_queue_it_was_moved_to_may_distribute_it(cast, sets, idle):
    from accounts.models import User

    User.objects.filter(pk=cast.ana.pk).update(is_online=True, last_seen_at=NOW())
    Queue.objects.filter(pk=cast.sales.pk).update(distribution="next")
    ticket = idle(6, status="pending", agent=None, queue=None)
    sets(move_after_minutes=5, move_to_queue_id=cast.sales.pk)
    tick()
    tick()
    ticket.refresh_from_db()
    assert (ticket.agent_id, ticket.status) == (cast.ana.pk, "pending")


def test_a_removed_queue_ends_the_move_to_it(cast, sets, idle):
    ticket = idle(6, status="pending", agent=None, queue=None)
    sets(move_after_minutes=5, move_to_queue_id=cast.sales.pk, import_queue_id=cast.sales.pk)
    delete_queue(cast.sales, by=None)
    tick()
    cast.number.refresh_from_db()
    assert (cast.number.move_to_queue_id, cast.number.move_after_minutes) == (None, 0)
    assert cast.number.import_queue_id is None
    ticket.refresh_from_db()
    assert ticket.queue_id is None


# ------------------------------------------------------------------------------- twice, killed


def test_done_twice_it_is_done_once(cast, sets, idle, heard):
    ticket = idle(40)
    sets(expires_minutes=30, expires_message="Fim")
    (due,) = claim_due()
    assert run_timers(cast.number.pk) == 1
    assert run_due(due)  # the first was killed before it settled
    assert said(ticket) == ["Fim"]
    assert len(heard(TicketExpired)) == 1
    assert Agenda.objects.filter(kind="tickets.timers").count() == 1


def test_a_text_that_fails_to_be_written_undoes_the_close(cast, sets, idle, monkeypatch):
    from messaging.receivers import timers as receiver

    ticket = idle(40)
    sets(expires_minutes=30, expires_message="Fim")

    def killed(*args, **kwargs):
        raise SystemExit

    monkeypatch.setattr(receiver, "say", killed)
    with pytest.raises(SystemExit):
        run_timers(cast.number.pk)
    assert status(ticket) == "open"
    monkeypatch.undo()
    tick()
    assert (status(ticket), said(ticket)) == ("closed", ["Fim"])


def test_many_idle_tickets_are_closed_in_batches(cast, sets, idle, monkeypatch):
    from tickets.services import timers

    monkeypatch.setattr(timers, "_BATCH", 2)
    tickets = [idle(40) for _ in range(5)]
    sets(expires_minutes=30)
    tick()
    assert {status(ticket) for ticket in tickets} == {"closed"}


def test_a_look_costs_the_same_for_one_and_forty_busy_tickets(
    cast, sets, idle, django_assert_num_queries
):
    idle(1)
    sets(expires_minutes=30)
    # The connection; the company; what is due, in a savepoint (3); the oldest; the plan, read and
    # written in a savepoint (4).
    with django_assert_num_queries(10):
        run_timers(cast.number.pk)
    for _ in range(39):
        idle(1)
    with django_assert_num_queries(10):
        run_timers(cast.number.pk)


def test_a_message_costs_no_statement_more_where_the_connection_has_timers(
    cast, sets, idle, customer
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from messaging.services.receive import receive_messages
    from messaging.tests.test_receive import arrival

    idle(1, contact=customer("Carla", "5511988887777"))
    receive_messages(cast.number, [arrival("A0")])

    def cost(wire_id):
        with CaptureQueriesContext(connection) as spent:
            receive_messages(cast.number, [arrival(wire_id)])
        assert not [query for query in spent.captured_queries if "agenda" in query["sql"]]
        return len(spent)

    without = cost("A1")
    sets(expires_minutes=30, inactive_minutes=10, rating_expires_minutes=5)
    tick()
    assert cost("A2") == without
