"""Every setting there is: its kind, who may write it, who may read it, and what it does.

The one place that knows them. The wire, the console's settings page, the validation of every
write and docs/settings.md all come from here.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from companies.settings_guide import EFFECTS, LABELS
from whaticket.texts import FLAG_WORDS, is_encodable

LONGEST_TEXT = 20_000
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
LOGO = re.compile(r"[0-9a-f]{32}\.png")
PRIVATE_KEY = re.compile(r"_[A-Za-z][A-Za-z0-9_-]{0,63}")
PRIVATE_FILE = re.compile(r"[0-9a-f]{32}(?:\.[a-z0-9]{1,8})?")


class Kind(StrEnum):
    """What a value looks like on the wire."""

    SWITCH = "enabled / disabled"
    TRUTH = "true / false"
    CHOICE = "one of"
    TEXT = "text"
    NUMBER = "number text"
    COLOUR = "#hex colour"
    FILE = "file name, by upload"


class Place(StrEnum):
    """Where a value is kept."""

    COLUMN = "column of the company's settings"
    COMPANY = "named value of the company"
    BRAND = "named value of the company, else of company 1"
    PLATFORM = "named value of the platform"


class Group(StrEnum):
    """Which part of the settings page shows it."""

    SERVICE = "service"
    GREETING = "greeting"
    CLOSING = "closing"
    TRANSFER = "transfer"
    CALLS = "calls"
    PRIVACY = "privacy"
    BRAND = "brand"
    PLATFORM = "platform"
    HIDDEN = "hidden"


GROUPS: dict[Group, Promise] = {
    Group.SERVICE: _("Service"),
    Group.GREETING: _("Greetings and waiting"),
    Group.TRANSFER: _("Transfers"),
    Group.CLOSING: _("Closing"),
    Group.CALLS: _("Calls and audio"),
    Group.PRIVACY: _("Privacy (LGPD)"),
    Group.BRAND: _("Brand"),
    Group.PLATFORM: _("Platform"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting."""

    name: str
    kind: Kind
    place: Place = Place.COLUMN
    # Its column, where it has one.
    field: str = ""
    default: str | bool = ""
    choices: tuple[str, ...] = ()
    longest: int = LONGEST_TEXT
    group: Group = Group.HIDDEN
    # Only the platform's operators write it; else the company's administrators do.
    by_operator: bool = False
    # Anybody with ENV_TOKEN reads it.
    is_public: bool = False
    # Only operators read it.
    is_secret: bool = False

    @property
    def label(self) -> str:
        """Name it for people."""
        return str(LABELS.get(self.name, self.name))

    @property
    def effect(self) -> str:
        """Say what it does."""
        return str(EFFECTS.get(self.name, ""))

    def read(self, value: Any) -> bool | str:
        """Understand what a client sent; raise ValueError with words for the client."""
        if self.kind in {Kind.SWITCH, Kind.TRUTH}:
            if isinstance(value, bool):
                return value
            known = FLAG_WORDS.get(value.strip().lower()) if isinstance(value, str) else None
            if known is None:
                raise ValueError(f"One of these is needed: {self.kind}.")
            return known
        if value is None and self.kind in {Kind.TEXT, Kind.COLOUR, Kind.FILE}:
            value = ""
        if self.kind is Kind.NUMBER and type(value) is int:
            value = str(value)
        return self.check(value)

    def check(self, value: Any) -> bool | str:
        """Give a value of this setting back; raise ValueError where it is none."""
        wanted = bool if self.kind in {Kind.SWITCH, Kind.TRUTH} else str
        if type(value) is not wanted:
            raise ValueError(f"A {'yes or no' if wanted is bool else 'text'} is needed.")
        if isinstance(value, str):
            self._check_text(value)
        return value

    def write(self, value: bool | str) -> bool | str:
        """Say a value as the wire does."""
        if self.kind is Kind.SWITCH:
            return "enabled" if value else "disabled"
        return value

    def text(self, value: bool | str) -> str:
        """Say a value where the wire has only texts."""
        written = self.write(value)
        return written if isinstance(written, str) else str(written).lower()

    def _check_text(self, value: str) -> None:
        if "\0" in value or not is_encodable(value):
            raise ValueError("This text has letters that cannot be kept.")
        if len(value) > self.longest:
            raise ValueError(f"At most {self.longest} letters are possible.")
        if self.kind is Kind.CHOICE and value not in self.choices:
            raise ValueError(f"One of these is needed: {', '.join(self.choices)}.")
        if self.kind is Kind.NUMBER and not (value.isascii() and value.isdigit()):
            raise ValueError("A whole number is needed.")
        if self.kind is Kind.COLOUR and value and not COLOUR.fullmatch(value):
            raise ValueError("A colour such as #0a6e55 is needed.")
        if self.kind is Kind.FILE and value:
            pattern = PRIVATE_FILE if self.is_secret else LOGO
            if not pattern.fullmatch(value):
                raise ValueError("Upload the file instead.")


def _switch(name: str, field: str, group: Group, *, on: bool) -> Key:
    return Key(name=name, kind=Kind.SWITCH, field=field, group=group, default=on)


def _truth(name: str, field: str, group: Group) -> Key:
    return Key(name=name, kind=Kind.TRUTH, field=field, group=group, default=False)


def _text(name: str, field: str, group: Group) -> Key:
    return Key(name=name, kind=Kind.TEXT, field=field, group=group)


def _brand(name: str, kind: Kind, longest: int = 255) -> Key:
    return Key(
        name=name,
        kind=kind,
        place=Place.BRAND,
        group=Group.BRAND,
        longest=longest,
        by_operator=True,
        is_public=True,
    )


KEYS: tuple[Key, ...] = (
    Key(
        name="hoursCloseTicketsAuto",
        kind=Kind.NUMBER,
        field="hours_close_tickets",
        default="9999999999",
        longest=12,
    ),
    Key(
        name="chatBotType",
        kind=Kind.CHOICE,
        field="chatbot_type",
        default="text",
        choices=("text", "button", "list"),
    ),
    _switch("acceptCallWhatsapp", "answers_calls", Group.CALLS, on=True),
    _switch("userRandom", "assigns_randomly", Group.SERVICE, on=True),
    _switch("sendGreetingMessageOneQueues", "greets_on_single_queue", Group.GREETING, on=True),
    _switch("sendSignMessage", "signs_messages", Group.SERVICE, on=True),
    _switch("sendFarewellWaitingTicket", "says_farewell_to_waiting", Group.CLOSING, on=False),
    _switch("userRating", "asks_rating", Group.CLOSING, on=False),
    _switch("sendGreetingAccepted", "greets_on_accept", Group.GREETING, on=True),
    _switch("CheckMsgIsGroup", "checks_group_messages", Group.HIDDEN, on=True),
    _switch("sendQueuePosition", "sends_queue_position", Group.GREETING, on=False),
    Key(
        name="scheduleType",
        kind=Kind.CHOICE,
        field="schedule_type",
        default="disabled",
        choices=("disabled", "company", "queue", "connection"),
        group=Group.SERVICE,
    ),
    _switch("acceptAudioMessageContact", "accepts_audio", Group.CALLS, on=True),
    _switch("enableLGPD", "lgpd_enabled", Group.PRIVACY, on=False),
    _switch("sendMsgTransfTicket", "announces_transfer", Group.TRANSFER, on=False),
    _switch("requiredTag", "requires_tag", Group.CLOSING, on=False),
    _switch("lgpdDeleteMessage", "lgpd_blanks_deleted", Group.PRIVACY, on=False),
    _switch("lgpdHideNumber", "lgpd_hides_numbers", Group.PRIVACY, on=False),
    _switch("lgpdConsent", "lgpd_asks_every_ticket", Group.PRIVACY, on=False),
    Key(name="lgpdLink", kind=Kind.TEXT, field="lgpd_link", group=Group.PRIVACY, longest=2000),
    _text("lgpdMessage", "lgpd_text", Group.PRIVACY),
    _truth("DirectTicketsToWallets", "routes_to_wallets", Group.SERVICE),
    _truth("closeTicketOnTransfer", "closes_on_transfer", Group.TRANSFER),
    _text("transferMessage", "transfer_text", Group.TRANSFER),
    _text("greetingAcceptedMessage", "accept_greeting", Group.GREETING),
    _text("AcceptCallWhatsappMessage", "call_answer", Group.CALLS),
    _text("sendQueuePositionMessage", "queue_position_text", Group.GREETING),
    _truth("showNotificationPending", "notifies_pending", Group.SERVICE),
    _brand("appName", Kind.TEXT, 60),
    _brand("primaryColorLight", Kind.COLOUR, 7),
    _brand("primaryColorDark", Kind.COLOUR, 7),
    _brand("appLogoLight", Kind.FILE),
    _brand("appLogoDark", Kind.FILE),
    _brand("appLogoFavicon", Kind.FILE),
    Key(
        name="campaignsEnabled",
        kind=Kind.TRUTH,
        place=Place.COMPANY,
        default=False,
        by_operator=True,
    ),
    Key(
        name="userCreation",
        kind=Kind.SWITCH,
        place=Place.PLATFORM,
        default=True,
        group=Group.PLATFORM,
        by_operator=True,
    ),
    Key(
        name="allowSignup",
        kind=Kind.SWITCH,
        place=Place.PLATFORM,
        default=True,
        group=Group.PLATFORM,
        by_operator=True,
        is_public=True,
    ),
    Key(name="AASaaS", kind=Kind.SWITCH, place=Place.PLATFORM, default=False, by_operator=True),
    Key(
        name="timeCreateNewTicket",
        kind=Kind.NUMBER,
        place=Place.PLATFORM,
        default="0",
        longest=6,
        by_operator=True,
    ),
)

_BY_NAME = {key.name: key for key in KEYS}
BY_FIELD = {key.field: key for key in KEYS if key.field}
COLUMNS = tuple(key for key in KEYS if key.place is Place.COLUMN)
LOGOS = {"Light": "appLogoLight", "Dark": "appLogoDark", "Favicon": "appLogoFavicon"}


def find_key(name: str) -> Key | None:
    """Give a setting by its name on the wire; None where there is no such setting."""
    known = _BY_NAME.get(name)
    if known is None and PRIVATE_KEY.fullmatch(name):
        # The operator names private files freely.
        return Key(
            name=name,
            kind=Kind.FILE,
            place=Place.COMPANY,
            longest=64,
            by_operator=True,
            is_secret=True,
        )
    return known
