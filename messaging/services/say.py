"""What the company itself says: texts that no agent types, marked so that they are known again."""

from dataclasses import replace

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.models import User
from messaging.exceptions import TextTooLong
from messaging.media import MediaRefused, StoredMedia, copy_stored, discard, facts_of, full_path
from messaging.models import Message
from messaging.services.send import Draft, send_message
from messaging.variables import render_text
from tickets.models import Ticket
from whaticket.exceptions import DomainError
from whaticket.texts import BOT_MARK

log = structlog.get_logger(__name__)


def in_company_language() -> translation.override:
    """Speak the customers' language inside the block, whatever the reader of a screen speaks."""
    return translation.override(settings.LANGUAGE_CODE)


@transaction.atomic
def say(
    ticket: Ticket,
    text: str,
    *,
    key: str | None = None,
    agent: User | None = None,
    quoted: Message | None = None,
    media_path: str = "",
) -> Message | None:
    """Send a text of the company itself, variables filled in; with a stored file if one is named.

    None where nothing is sent: the text is empty and there is no file, or the connection cannot
    carry it (gone, no address, too long), which is logged. The same `key` again sends nothing new.
    """
    body = render_text(text, ticket, agent=agent).strip()
    media = _copy(media_path)
    if not body and media is None:
        return None
    draft = Draft(body=BOT_MARK + body if body else "", quoted=quoted)
    if media is not None:
        draft = replace(draft, kind=media.kind, media=media)
    message = _send(ticket, draft, key)
    if media is not None and (message is None or message.media_path != media.path):
        # Not sent, or sent before under this key.
        discard(media)
    return message


def _send(ticket: Ticket, draft: Draft, key: str | None) -> Message | None:
    try:
        with transaction.atomic():
            return send_message(
                ticket, draft, by=None, origin=Message.Origin.BOT, idempotency_key=key
            )
    except TextTooLong:
        if draft.media is not None:
            # A caption holds less than a text: the file goes first, the words after it.
            _send(ticket, replace(draft, body=""), f"{key}:file" if key else None)
            return _send(ticket, Draft(body=draft.body, quoted=draft.quoted), key)
        log.warning("bot.text_too_long", ticket=ticket.pk, length=len(draft.body))
    except DomainError as refusal:
        log.warning("bot.not_sent", ticket=ticket.pk, code=refusal.code)
    return None


def _copy(path: str) -> StoredMedia | None:
    """Give a stored file a second name, since every message owns its file."""
    if not path:
        return None
    try:
        copy = copy_stored(path)
        facts = facts_of(full_path(copy.path))
    except (MediaRefused, OSError, ValueError) as error:
        log.warning("bot.file_missing", error=type(error).__name__)
        return None
    name = f"{facts.kind}.{facts.extension}"
    return replace(copy, name=name, mimetype=facts.mimetype, kind=facts.kind)
