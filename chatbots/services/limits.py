"""How often the bot may speak in one ticket (behaviour 74, 75)."""

from datetime import timedelta

from chatbots.services.pipeline import Situation
from tickets.services.bot import bot_spoke_at, note_back_in_hours, note_bot_text, note_out_of_hours


def may_speak(situation: Situation) -> bool:
    """Tell whether another menu or out-of-hours text may be sent now.

    Not after the connection's number of them, and not within its minutes of silence.
    """
    connection, ticket = situation.connection, situation.ticket
    most = connection.max_bot_menus
    if most and ticket.bot_menu_count >= most:
        return False
    if not connection.bot_silence_minutes:
        return True
    spoke_at = bot_spoke_at(ticket)
    silence = timedelta(minutes=connection.bot_silence_minutes)
    return spoke_at is None or situation.now >= spoke_at + silence


def answer_out_of_hours(situation: Situation, text: str) -> None:
    """Say that nobody works now, within the limits; note it on the ticket (behaviour 72, 73)."""
    note_out_of_hours(situation.ticket)
    if may_speak(situation) and situation.say(text, "closed"):
        note_bot_text(situation.ticket, is_out_of_hours=True)


def come_back_in_hours(situation: Situation) -> None:
    """Begin counting anew once somebody works again (behaviour 75)."""
    note_back_in_hours(situation.ticket)
