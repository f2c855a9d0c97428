"""A call is answered with a text, once it is over (behaviour 69)."""

from chatbots.services.pipeline import Arrival, Outcome, Situation, add_step
from messaging.models import Message

# Words of the drivers for a call that rings no more (whatsapp.drivers.base.Call).
_OVER = frozenset({"missed", "ended"})


def _is_over(message: Message) -> bool:
    return message.data.get("extra", {}).get("status") in _OVER


def wants(arrival: Arrival) -> bool:
    """Calls that are over, where there is something to say about them."""
    settings = arrival.settings
    return (
        arrival.message.kind == Message.Kind.CALL
        and settings.answers_calls
        and bool(settings.call_answer.strip())
        and _is_over(arrival.message)
    )


def take(situation: Situation) -> Outcome:
    """Say that nobody takes calls."""
    message, settings = situation.message, situation.settings
    if message.kind == Message.Kind.CALL and settings.answers_calls and _is_over(message):
        situation.say(settings.call_answer, "call")
    return Outcome.ON


add_step("a", wants=wants, take=take, hears_calls=True)
