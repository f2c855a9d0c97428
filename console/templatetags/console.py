"""Filters and tags of the console's templates."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from console import formatting
from messaging.models import Message

register = template.Library()

register.filter("whatsapp", formatting.whatsapp_html)
register.filter("emoji_only", formatting.is_emoji_only)
register.filter("plain_line", formatting.plain_line)
register.filter("phone", formatting.phone)
register.filter("bare_phone", formatting.bare_phone)
register.filter("initials", formatting.initials)
register.filter("hue", formatting.hue)
register.filter("short_time", formatting.short_time)
register.filter("lasting", formatting.lasting)
register.filter("size", formatting.file_size)
register.filter("grouped", formatting.grouped)
register.filter("day_label", formatting.day_label)
register.filter("cards", formatting.vcard_cards)

# What preview_of() puts before a line, as an icon of our own.
_SYMBOLS = {
    "📷": ("image", gettext_lazy("Photo")),
    "🎥": ("video", gettext_lazy("Video")),
    "🎵": ("music", gettext_lazy("Audio")),
    "🎤": ("mic", gettext_lazy("Voice message")),
    "📄": ("file", gettext_lazy("Document")),
    "🏷️": ("sticker", gettext_lazy("Sticker")),
    "📍": ("pin", gettext_lazy("Location")),
    "👤": ("user", gettext_lazy("Contact")),
    "📞": ("phone", gettext_lazy("Call")),
}
_TICKS = {
    "queued": ("clock", "wait", gettext_lazy("Waiting to be sent")),
    "sending": ("clock", "wait", gettext_lazy("Being sent")),
    "accepted": ("check", "sent", gettext_lazy("Sent")),
    "sent": ("check", "sent", gettext_lazy("Sent")),
    "delivered": ("checks", "delivered", gettext_lazy("Delivered")),
    "read": ("checks", "read", gettext_lazy("Read")),
    "played": ("checks", "read", gettext_lazy("Played")),
    "failed": ("alert", "failed", gettext_lazy("Not sent")),
    "unknown": ("question", "unknown", gettext_lazy("Unknown whether it arrived")),
}


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw an icon of the sprite; it says nothing to screen readers, its button does."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>',
        extra,
        name,
    )


@register.simple_tag
def ticks(status: str) -> SafeString:
    """Draw how far a message got."""
    name, look, words = _TICKS.get(status, ("clock", "wait", ""))
    return format_html(
        '<span class="ticks {}" role="img" aria-label="{}" title="{}">'
        '<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg></span>',
        look,
        words,
        words,
        name,
    )


@register.inclusion_tag("console/parts/face.html")
def face(who: Any, size: str = "") -> dict[str, Any]:
    """Draw a person: the picture where there is one, else initials on a quiet colour."""
    picture = getattr(who, "picture_url", "") or ""
    return {
        "name": who.name,
        "picture": picture if picture.startswith(("https://", "/")) else "",
        "size": size,
        "hue": formatting.hue(who.pk),
        "is_group": getattr(who, "is_group", False),
        "online": who.is_online if isinstance(who, User) else None,
    }


@register.inclusion_tag("console/parts/preview.html")
def preview(ticket: Any) -> dict[str, Any]:
    """Draw the line that stands for a ticket's last message."""
    text = ticket.last_message or ""
    symbol, _space, rest = text.partition(" ")
    found = _SYMBOLS.get(symbol)
    return {
        "icon": found[0] if found else "",
        "text": formatting.plain_line(rest)
        if found and rest
        else (found[1] if found else formatting.plain_line(text)),
        "ticks": ticket.last_status
        if ticket.last_message_from_me and getattr(ticket, "last_status", None)
        else "",
        "deleted": bool(getattr(ticket, "last_deleted", None)),
    }


@register.filter
def identity_kind(kind: str) -> str:
    """Say what kind of address of the network somebody is known by."""
    known = {"phone": _("Phone"), "username": _("User name"), "group": _("Group")}
    # The others are the network's own ids and have no other names.
    return known.get(kind, kind.replace("_", " ").upper())


@register.filter
def is_playable(message: Message) -> bool:
    """Tell sound from other files."""
    return message.kind in {Message.Kind.AUDIO, Message.Kind.VOICE}


@register.filter
def kind_letters(message: Message) -> str:
    """Give the letters on a document's icon."""
    return formatting.file_kind(message.media_name, message.media_type)


@register.filter
def author_of(message: Message | None) -> str:
    """Name who wrote a message."""
    if message is None:
        return ""
    if message.from_me:
        return message.author.name if message.author else _("We")
    return message.contact.name if message.contact else ""


@register.filter
def summary(message: Message) -> str:
    """Say a message in one line, as for a quote."""
    if message.deleted_at:
        return _("Message deleted")
    if message.body:
        return formatting.plain_line(message.body)[:200]
    found = {
        "image": _("Photo"),
        "video": _("Video"),
        "audio": _("Audio"),
        "voice": _("Voice message"),
        "sticker": _("Sticker"),
        "location": _("Location"),
        "live_location": _("Location"),
        "contacts": _("Contact"),
        "call": _("Call"),
    }
    return found.get(message.kind) or message.media_name or _("Document")


@register.filter
def location_link(data: Any) -> str:
    """Give a map's address for stored coordinates, or nothing where they make no sense."""
    place = data.get("location", data) if isinstance(data, dict) else {}
    try:
        latitude, longitude = float(place["latitude"]), float(place["longitude"])
    except (KeyError, TypeError, ValueError):
        return ""
    return f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=16/{latitude}/{longitude}"


@register.simple_tag
def bars(seed: int) -> list[int]:
    """Heights of a sound's bars: no waveform is stored, so they are drawn from the message's id,
    the same ones every time."""
    return [20 + (seed * 7919 + index * index * 104729 + index * 31) % 80 for index in range(36)]
