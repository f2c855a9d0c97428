"""Where the console leads: the rail beside every page, and the pages on which a company is run.

A page is one line here; whoever may not use it does not see the way to it. The page itself is
guarded by its view.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from console.access import May, administrators, connection_managers, operators
from console.plan import includes
from tickets.services.reports import sees_all_numbers


def everyone(user: User) -> bool:
    """Tell that all people of a company may."""
    return True


def team_talkers(user: User) -> bool:
    """Tell whether a person's company has rooms for its team."""
    return includes(user, "useInternalChat")


def board_users(user: User) -> bool:
    """Tell whether a person's company has a board of lanes."""
    return includes(user, "useKanban")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page one can go to: its section, as views name it, its title, its icon and who may.

    `in_hand` is its title in the narrow bar of a phone; what has none stands in the person's menu
    there.
    """

    section: str
    title: Promise
    icon: str
    url: str
    may: May = everyone
    in_hand: Promise | None = None

    @property
    def address(self) -> str:
        return reverse(f"console:{self.url}")


RAIL = (
    Entry("inbox", _("Inbox"), "inbox", "inbox", in_hand=_("Inbox")),
    Entry("board", _("Board"), "board", "board", board_users),
    Entry("contacts", _("Contacts"), "users", "contacts", in_hand=_("Contacts")),
    Entry("quick", _("Quick messages"), "quick", "quick-messages", in_hand=_("Quick")),
    Entry("chat", _("Team chat"), "chats", "team", team_talkers, in_hand=_("Team")),
    Entry("reports", _("Reports"), "chart", "reports", sees_all_numbers),
)
# The pages behind the cogwheel, in the order of their list.
MANAGE = (
    Entry("settings", _("Settings"), "gear", "settings", administrators),
    Entry("people", _("People"), "users", "people", administrators),
    Entry("queues", _("Queues"), "queues", "queues", administrators),
    Entry("tags", _("Tags and lanes"), "tag", "tags"),
    Entry("connections", _("Connections"), "plug", "connections", connection_managers),
    Entry("files", _("Files"), "file", "files", administrators),
    Entry("billing", _("Plan and invoices"), "wallet", "billing", administrators),
    Entry("announcements", _("Announcements"), "megaphone", "announcements", operators),
)


def navigation_for(user: User, section: str) -> dict[str, Any]:
    """Give the ways a person has from a page: the rail, and the pages of the cogwheel."""
    managed = [entry for entry in MANAGE if entry.may(user)]
    return {
        "rail": [entry for entry in RAIL if entry.may(user)],
        "manage": managed,
        "is_managing": any(entry.section == section for entry in managed),
    }


def pages_for(user: User) -> list[dict[str, str]]:
    """Give every page a person may go to, for the command palette."""
    return [
        {"name": str(entry.title), "icon": entry.icon, "url": entry.address}
        for entry in (*RAIL, *MANAGE)
        if entry.section != "inbox" and entry.may(user)
    ]
