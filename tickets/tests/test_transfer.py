"""Hand-overs, as behaviour 48-50 have them."""

import pytest

from tickets import services
from tickets.events import TicketClosed, TicketOpened, TicketTransferred
from tickets.exceptions import AgentNotFound, AgentNotInQueue, QueueNotFound, TicketNotFound
from tickets.models import Episode, Ticket


@pytest.fixture
def closes_on_transfer(company_sets):
    company_sets(closes_on_transfer=True)


def test_rule_49_another_queue_is_another_ticket_and_the_former_ends_silently(
    api, cast, ticket, closes_on_transfer, heard
):
    Ticket.objects.filter(pk=ticket.pk).update(unread_count=7, last_message="preciso de ajuda")
    answer = api(cast.ana).put(
        f"/tickets/{ticket.pk}",
        {
            "queueId": cast.support.pk,
            "userId": cast.bia.pk,
            "status": "open",
            "isTransfered": True,
            "msgTransfer": "já pagou",
        },
    )
    assert answer.status_code == 200
    new = Ticket.objects.get(pk=answer.json()["id"])
    ticket.refresh_from_db()
    assert new.pk != ticket.pk
    assert (ticket.status, ticket.queue_id) == ("closed", cast.sales.pk)
    assert (new.status, new.queue_id, new.agent_id) == ("open", cast.support.pk, cast.bia.pk)
    assert (new.contact_id, new.connection_id) == (ticket.contact_id, ticket.connection_id)
    assert (new.unread_count, new.last_message) == (1, "preciso de ajuda")
    (closed,) = heard(TicketClosed)
    assert (closed["ticket_id"], closed["says_farewell"]) == (ticket.pk, False)
    assert heard(TicketOpened)[-1]["ticket_id"] == new.pk
    moved = heard(TicketTransferred)[-1]
    assert (moved["ticket_id"], moved["note"]) == (new.pk, "já pagou")
    assert Episode.objects.get(ticket=ticket).finished_at is not None
    assert Episode.objects.get(ticket=new).finished_at is None


def test_rule_49_within_the_queue_it_is_the_same_ticket(cast, ticket, closes_on_transfer):
    same = services.transfer_ticket(ticket, by=cast.ana, agent_id=cast.ana.pk)
    assert same.pk == ticket.pk
    assert services.transfer_ticket(same, by=cast.ana, queue_id=cast.sales.pk).pk == ticket.pk


def test_rule_49_is_a_setting_of_the_company(cast, ticket):
    moved = services.transfer_ticket(ticket, by=cast.ana, queue_id=cast.support.pk)
    assert (moved.pk, moved.queue_id, moved.status) == (ticket.pk, cast.support.pk, "pending")


def test_a_queue_that_closes_what_enters_it_closes_it_without_a_word(cast, ticket, heard):
    services.update_queue(cast.support, by=None, closes_tickets=True)
    closed = services.transfer_ticket(ticket, by=cast.ana, queue_id=cast.support.pk)
    assert closed.status == "closed"
    assert not heard(TicketClosed)[-1]["says_farewell"]


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"queue_id": 10**15}, QueueNotFound),
        ({"agent_id": 10**15}, AgentNotFound),
        ({"agent_id": "eva"}, AgentNotFound),
        ({"agent_id": "bia"}, AgentNotInQueue),
    ],
)
def test_a_ticket_goes_only_where_somebody_can_answer_it(cast, ticket, wish, refusal):
    wish = {key: getattr(cast, v).pk if isinstance(v, str) else v for key, v in wish.items()}
    with pytest.raises(refusal):
        services.transfer_ticket(ticket, by=cast.rui, **wish)
    ticket.refresh_from_db()
    assert (ticket.queue_id, ticket.agent_id) == (cast.sales.pk, None)


def test_what_is_over_is_not_handed_over(cast, ticket):
    services.close_ticket(ticket, by=None)
    with pytest.raises(TicketNotFound):
        services.transfer_ticket(ticket, by=cast.rui, queue_id=cast.support.pk)
