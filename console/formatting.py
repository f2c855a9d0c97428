"""Texts as people read them: marks, numbers, times, faces for those without a picture."""

import datetime
import re
from typing import Any

import phonenumbers
from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from whaticket.privacy import hidden, masked_number

_CODE_BLOCK = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+?)`")
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\x00]+[^\s<>\x00.,;:!?)\]}'\"&]", re.IGNORECASE)
# A mark opens at a word's beginning and closes at a word's end, on one line, as WhatsApp has it.
_MARKS = [
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?![\w*])"), "strong"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]*?\S)_(?![\w_])"), "em"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]*?\S)~(?![\w~])"), "s"),
]
_QUOTE = re.compile(r"^&gt; ?(.*)$", re.MULTILINE)
_KEPT = re.compile("\x00(\\d+)\x00")
_EMOJI_ONLY = re.compile(
    "^(?:[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2764]"
    "[\ufe0f\u200d\U0001f3fb-\U0001f3ff]*){1,3}$"
)
_COLORS = 10


def whatsapp_html(text: str) -> SafeString:
    """Turn WhatsApp's marks and links into HTML. Everything is escaped first, so nothing of a
    customer's text can become markup of its own."""
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"\x00{len(kept) - 1}\x00"

    def link(match: re.Match[str]) -> str:
        shown = match.group(0)
        href = shown if shown.lower().startswith("http") else f"https://{shown}"
        return keep(f'<a href="{href}" target="_blank" rel="noopener noreferrer">{shown}</a>')

    html = str(escape(text.replace("\x00", "")))
    html = _CODE_BLOCK.sub(lambda m: keep(f"<pre>{m.group(1).strip(chr(10))}</pre>"), html)
    html = _CODE.sub(lambda m: keep(f"<code>{m.group(1)}</code>"), html)
    html = _LINK.sub(link, html)
    for pattern, tag in _MARKS:
        html = pattern.sub(rf"<{tag}>\1</{tag}>", html)
    html = _QUOTE.sub(r"<q>\1</q>", html)
    html = html.replace("\n", "<br>")
    while _KEPT.search(html):
        html = _KEPT.sub(lambda m: kept[int(m.group(1))], html)
    # Safe: escaped above; only the tags written here were added.
    return mark_safe(html)  # noqa: S308


def is_emoji_only(text: str) -> bool:
    """Tell a message of one to three emoji, which is shown large."""
    return bool(_EMOJI_ONLY.match(text.strip()))


def plain_line(text: str) -> str:
    """One line without WhatsApp's marks, for lists."""
    for pattern, _tag in _MARKS:
        text = pattern.sub(r"\1", text)
    return text.replace("```", "")


def phone(address: str) -> str:
    """Show a number as its country writes it; other identities stay as they are."""
    shown = _written(address)
    return masked_number(shown) if hidden.get() else shown


def bare_phone(address: str) -> str:
    """Give a number to be copied; masked for who may not read it."""
    return masked_number(address) if hidden.get() else address


def _written(address: str) -> str:
    if not address.isdigit() or not 8 <= len(address) <= 15:
        return address
    try:
        number = phonenumbers.parse(f"+{address}")
    except phonenumbers.NumberParseException:
        return f"+{address}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def initials(name: str) -> str:
    """Give the one or two letters that stand for a name."""
    words = [word for word in re.split(r"[\s.\-_]+", name.strip()) if word and word[0].isalpha()]
    if not words:
        return "#"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def hue(seed: Any) -> int:
    """Choose one of ten quiet colours for a person, always the same one."""
    text = str(seed)
    return sum(ord(letter) * (index + 7) for index, letter in enumerate(text)) % _COLORS


def file_size(size: int | None) -> str:
    """Say how large a file is."""
    if not size:
        return ""
    for unit, scale in (("MB", 1024 * 1024), ("kB", 1024)):
        if size >= scale:
            return f"{formats.number_format(round(size / scale, 1 if scale > 1024 else 0))} {unit}"
    return f"{size} B"


def grouped(number: int) -> str:
    """Write a whole number with the language's marks between thousands."""
    return str(formats.number_format(number, force_grouping=True))


def file_kind(name: str, media_type: str) -> str:
    """Give the few letters on a document's icon."""
    suffix = name.rpartition(".")[2] if "." in name else media_type.rpartition("/")[2]
    return suffix[:4].upper()


def day_label(day: datetime.date, today: datetime.date | None = None) -> str:
    """Name a day above its messages."""
    today = today or timezone.localdate()
    if day == today:
        return _("Today")
    if day == today - datetime.timedelta(days=1):
        return _("Yesterday")
    if today - datetime.timedelta(days=7) < day < today:
        return str(formats.date_format(day, "l"))
    return str(formats.date_format(day, "DATE_FORMAT"))


def short_time(moment: datetime.datetime | None, now: datetime.datetime | None = None) -> str:
    """Say when, as short as a list needs it."""
    if moment is None:
        return ""
    now = now or timezone.now()
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return _("now")
    if seconds < 3600:
        minutes = int(seconds // 60)
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    local = timezone.localtime(moment)
    if local.date() == timezone.localtime(now).date():
        return str(formats.date_format(local, "TIME_FORMAT"))
    if seconds < 6 * 24 * 3600:
        return str(formats.date_format(local, "D"))
    return str(formats.date_format(local, "SHORT_DATE_FORMAT"))


def lasting(moment: datetime.datetime | None, now: datetime.datetime | None = None) -> str:
    """Say how long ago a moment is, in its largest unit."""
    if moment is None:
        return ""
    minutes = int(((now or timezone.now()) - moment).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return _("{n} h").format(n=minutes // 60)
    return _("{n} d").format(n=minutes // (24 * 60))


def vcard_cards(data: Any) -> list[dict[str, Any]]:
    """Read name and numbers out of stored contact cards, parsed or as vCard text."""
    cards = []
    for entry in data if isinstance(data, list) else []:
        if isinstance(entry, dict):
            numbers = entry.get("phones") or entry.get("numbers") or []
            if entry.get("number"):
                numbers = [entry["number"], *numbers]
            found = [
                str(n.get("number") or n.get("phone") or n.get("wa_id") or "")
                if isinstance(n, dict)
                else str(n)
                for n in numbers
            ]
            cards.append({"name": str(entry.get("name") or ""), "numbers": [n for n in found if n]})
        elif isinstance(entry, str):
            name = re.search(r"^FN[^:]*:(.+)$", entry, re.MULTILINE)
            cards.append(
                {
                    "name": name.group(1).strip() if name else "",
                    "numbers": re.findall(r"^(?:item\d+\.)?TEL[^:]*:(.+)$", entry, re.MULTILINE),
                }
            )
    return cards


def max_upload() -> int:
    """How many bytes one attachment may have."""
    return int(settings.MEDIA_MAX_BYTES)
