"""How was it? Asked at the end and answered with a number (behaviour 44, 88-90)"""

import pytest

from tickets.events import TicketClosed, TicketRated
from tickets.models import Episode, Rating, Ticket
from tickets.services import accept_ticket, close_ticket


@pytest.fixture
def rated(number_is, settings_are, chat, cast):
    """Ana has served and closed; the number asks how it was."""
    number_is(rating_message="Que nota você dá, {{firstName}}?", completion_message="Obrigado!")
    settings_are(asks_rating=True)
    chat.hear("oi")
    Ticket.objects.update(queue=cast.sales)
    close_ticket(accept_ticket(chat.ticket, by=cast.ana), by=cast.ana)
    return chat


def test_44_a_close_asks_for_a_rating_first(rated, cast):
    ticket = rated.ticket
    assert (ticket.status, ticket.rating_retry_count) == ("nps", 1)
    assert rated.said == ["Que nota você dá, Carla?"]
    episode = Episode.objects.get(ticket=ticket)
    assert episode.agent == cast.ana
    assert (episode.closed_at is not None, episode.finished_at) == (True, None)


@pytest.mark.parametrize(
    ("answer", "rate"),
    [("9", 9), ("10", 10), ("0", 0), ("11", 10), ("-3", 0), (" 7 ", 7), ("8,5", 8), ("999", 10)],
)
def test_89_a_number_is_the_rating_and_ends_the_ticket(rated, cast, heard, answer, rate):
    closed_at = Episode.objects.get().closed_at
    rated.hear(answer)
    rating = Rating.objects.get()
    assert (rating.rate, rating.agent, rating.ticket) == (rate, cast.ana, rated.ticket)
    ticket, episode = rated.ticket, Episode.objects.get()
    assert (ticket.status, ticket.is_bot, ticket.rating_retry_count) == ("closed", False, 0)
    assert episode.rated_at is not None
    assert (episode.finished_at is not None, episode.closed_at) == (True, closed_at)
    assert rated.said[-1] == "Obrigado!"
    assert [event["rate"] for event in heard(TicketRated)] == [rate]
    assert [event["before"]["status"] for event in heard(TicketClosed)] == ["nps"]


def test_90_what_is_no_number_is_asked_again_within_the_limit_then_silence(rated, number_is):
    number_is(max_rating_retries=2)
    for answer in ("ótimo", "muito bom", "dez", "1 2"):
        rated.hear(answer)
    assert rated.said.count("Que nota você dá, Carla?") == 2
    assert len(rated.said) == 3
    assert rated.ticket.status == "nps"
    rated.hear("10")
    assert Rating.objects.get().rate == 10


def test_44_whoever_was_rated_is_not_asked_again(rated, cast):
    assert close_ticket(rated.ticket, by=cast.ana).status == "closed"
    assert rated.said == ["Que nota você dá, Carla?"]


@pytest.mark.parametrize("change", [{"asks_rating": False}, {}])
def test_44_without_the_setting_or_the_text_nobody_is_asked(
    number_is, settings_are, chat, cast, change
):
    settings_are(**({"asks_rating": True} | change))
    number_is(rating_message="Nota?" if change else "  ")
    chat.hear("oi")
    Ticket.objects.update(queue=cast.sales)
    ticket = close_ticket(accept_ticket(chat.ticket, by=cast.ana), by=cast.ana)
    assert (ticket.status, chat.said) == ("closed", [])


def test_44_what_nobody_served_is_not_rated(number_is, settings_are, chat):
    settings_are(asks_rating=True)
    number_is(rating_message="Nota?", greeting_message="Olá!")
    chat.hear("oi")
    chat.hear("sair")
    assert chat.ticket.status == "closed"


def test_44_a_silent_close_asks_nothing(number_is, settings_are, chat, cast):
    settings_are(asks_rating=True)
    number_is(rating_message="Nota?", completion_message="Tchau")
    chat.hear("oi")
    ticket = close_ticket(chat.ticket, by=cast.rui, says_farewell=False)
    assert (ticket.status, chat.said) == ("closed", [])
