"""The settings of a company as its page shows them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import CompanySettings, Setting
from companies.registry import GROUPS, KEYS, Key, Kind, Place
from companies.services import settings_of
from console.branding import address_of

# What stands below what, because it means nothing without it.
_BELOW = {
    "greetingAcceptedMessage": "sendGreetingAccepted",
    "sendQueuePositionMessage": "sendQueuePosition",
    "transferMessage": "sendMsgTransfTicket",
    "AcceptCallWhatsappMessage": "acceptCallWhatsapp",
    "lgpdMessage": "enableLGPD",
    "lgpdLink": "enableLGPD",
    "lgpdConsent": "enableLGPD",
    "lgpdHideNumber": "enableLGPD",
    "lgpdDeleteMessage": "enableLGPD",
}
_CHOICES: dict[str, Promise] = {
    "disabled": _("Always open"),
    "company": _("The company's hours"),
    "queue": _("The queue's hours"),
    "connection": _("The connection's hours"),
}
_CONTROLS = {
    Kind.SWITCH: "switch",
    Kind.TRUTH: "switch",
    Kind.CHOICE: "choice",
    Kind.TEXT: "text",
    Kind.NUMBER: "line",
    Kind.COLOUR: "colour",
    Kind.FILE: "file",
}
_LINES = {"appName", "lgpdLink"}


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: what it is called, what it is now, and which control changes it."""

    key: Key
    control: str
    value: bool | str
    choices: tuple[tuple[str, str], ...]
    is_below: bool
    # A picture's address.
    address: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page."""

    name: str
    title: Promise
    rows: list[Row]


def groups_for(user: User) -> list[Section]:
    """Give the parts of the page that a person may change; two statements at most."""
    values = _values(user)
    sections = []
    for group, title in GROUPS.items():
        keys = [key for key in KEYS if key.group is group and _is_for(key, user)]
        if keys:
            names = [key.name for key in keys]
            keys.sort(key=lambda key: (names.index(_BELOW.get(key.name, key.name)), *_rank(key)))
            rows = [_row(key, values) for key in keys]
            sections.append(Section(group.value, title, rows))
    return sections


def row_for(key: Key, user: User) -> Row:
    """Give one setting as it is now."""
    return _row(key, _values(user))


def _rank(key: Key) -> tuple[bool, bool]:
    # After its head, texts before switches.
    return key.name in _BELOW, key.kind is not Kind.TEXT


def _is_for(key: Key, user: User) -> bool:
    return user.is_super or not key.by_operator


def _values(user: User) -> dict[str, bool | str]:
    # Not from the cache: the page shows what was just written.
    row = CompanySettings.objects.filter(company_id=user.company_id).first()
    row = row or settings_of(user.company_id)
    values: dict[str, bool | str] = {
        key.name: getattr(row, key.field) for key in KEYS if key.place is Place.COLUMN
    }
    if not user.is_super:
        return values
    named = Setting.objects.filter(company_id=user.company_id) | Setting.objects.of_platform()
    by_place = {(one.company_id, one.key): one.value for one in named}
    for key in KEYS:
        if key.place is not Place.COLUMN:
            owner = None if key.place is Place.PLATFORM else user.company_id
            found = by_place.get((owner, key.name))
            values[key.name] = key.default if found is None else key.read(found)
    return values


def _row(key: Key, values: dict[str, bool | str]) -> Row:
    value = values[key.name]
    return Row(
        key=key,
        control="line" if key.name in _LINES else _CONTROLS[key.kind],
        value=value,
        choices=tuple((choice, str(_CHOICES.get(choice, choice))) for choice in key.choices),
        is_below=key.name in _BELOW,
        address=address_of(str(value)) if key.kind is Kind.FILE and value else "",
    )
