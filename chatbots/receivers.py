"""What is said at the turns of a conversation, written in the commit of the turn itself."""

from collections.abc import Sequence

from chatbots.services.closing import announce_transfer, ask_for_rating, say_farewell
from events.bus import within
from tickets.events import TicketClosed, TicketRatingAsked, TicketTransferred


@within(TicketClosed)
def say_farewells(news: Sequence[TicketClosed]) -> None:
    """An agent's or the connection's last words (behaviour 44.2)."""
    for event in news:
        if event.says_farewell:
            say_farewell(event)


@within(TicketRatingAsked)
def ask_for_ratings(news: Sequence[TicketRatingAsked]) -> None:
    """The question that the ticket now waits for (behaviour 44.1)."""
    for event in news:
        ask_for_rating(event)


@within(TicketTransferred)
def announce_transfers(news: Sequence[TicketTransferred]) -> None:
    """The note to the next agent, and a word to the customer (behaviour 48)."""
    for event in news:
        announce_transfer(event)
