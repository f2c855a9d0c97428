"""Somebody speaks where only texts are read: step (w), behaviour 83."""

from django.utils.translation import gettext as _

from chatbots.services.pipeline import Arrival, Outcome, Situation, add_step
from companies.models import CompanySettings
from contacts.models import Contact
from messaging.models import Message
from messaging.services.say import in_company_language

_SPOKEN = frozenset({Message.Kind.AUDIO.value, Message.Kind.VOICE.value})


def _refuses(settings: CompanySettings, speaker: Contact | None) -> bool:
    return not settings.accepts_audio or (speaker is not None and not speaker.accepts_audio)


def wants(arrival: Arrival) -> bool:
    """Recordings of those from whom none are taken, also in conversations that an agent has."""
    if arrival.message.kind not in _SPOKEN or arrival.is_chatter:
        return False
    return _refuses(arrival.settings, arrival.message.contact)


def take(situation: Situation) -> Outcome:
    """Ask for a text, quoting the recording."""
    message = situation.message
    if message.kind in _SPOKEN and _refuses(situation.settings, message.contact):
        with in_company_language():
            words = _("We cannot listen to audio messages here. Please write to us instead.")
        situation.say(words, "audio", quoted=message)
    return Outcome.ON


add_step("w", wants=wants, take=take)
