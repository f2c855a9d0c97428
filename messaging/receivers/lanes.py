"""What lanes of the board make of messages, and messages of lanes (rule 107).

Both are written in the commit that they answer: a greeting is on its way exactly when the ticket is
in the lane, and a ticket is back exactly when the message is stored. Nothing is lost or done twice
wherever a process dies.
"""

from collections import defaultdict
from collections.abc import Sequence

from events.bus import within
from messaging.events import MessageQueued, MessageReceived
from messaging.models import Message
from messaging.services.say import say
from tickets.events import TicketLaneChanged
from tickets.models import TicketTag
from tickets.services.lanes import BY_TIME, roll_back, with_way_back

# Who writes in a conversation. The others only speak, and history is long past.
_SPEAKERS = (
    Message.Origin.CONTACT,
    Message.Origin.PHONE,
    Message.Origin.AGENT,
    Message.Origin.API,
    Message.Origin.SCHEDULE,
)


@within(TicketLaneChanged)
def greet_in_lanes(news: Sequence[TicketLaneChanged]) -> None:
    """Say a lane's greeting to the customer whose ticket time has brought there."""
    ids = [event.placement_id for event in news if event.cause == BY_TIME]
    placements = TicketTag.objects.select_related(
        "tag", "ticket__contact", "ticket__connection", "ticket__queue", "ticket__agent"
    ).filter(pk__in=[pk for pk in ids if pk is not None])
    for placement in placements.order_by("pk"):
        say(placement.ticket, placement.tag.lane_greeting, key=f"lane:{placement.pk}")


@within(MessageReceived, MessageQueued)
def return_lanes(news: Sequence[MessageReceived | MessageQueued]) -> None:
    """Bring tickets back from lanes that a message leads out of; one statement where none is."""
    lanes = with_way_back({event.ticket_id for event in news})
    if not lanes:
        return
    rows = Message.objects.filter(
        pk__in=[event.message_id for event in news if event.ticket_id in lanes],
        is_private=False,
        origin__in=_SPEAKERS,
    ).values_list("ticket_id", "body")
    texts: dict[int, list[str]] = defaultdict(list)
    for ticket_id, body in rows:
        texts[ticket_id].append(body)
    roll_back(lanes, texts)
