"""What the platform tells everybody, as pages show it: announcements and help."""

import re
from dataclasses import dataclass

from companies.models import Announcement, Help
from console.reads.paging import Page, page_of

# More than anybody reads at once; older ones are on nobody's mind any more.
MOST_SHOWN = 20
# What browsers show as a picture, by the extension that storing gave (messaging.media).
_PICTURES = frozenset({"jpg", "png", "gif", "webp"})
_VIDEO_ID = re.compile(r"[\w-]{6,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement with the address of its file."""

    row: Announcement
    url: str
    is_picture: bool

    @property
    def key(self) -> str:
        """Name this wording of it: who has read it reads it again once it is rewritten."""
        return f"{self.row.pk}@{self.row.updated_at.timestamp():.0f}"

    @property
    def is_urgent(self) -> bool:
        return self.row.priority == Announcement.Priority.HIGH


def announcements_shown() -> list[Notice]:
    """Give the announcements that are switched on, urgent ones first; one statement."""
    found = Announcement.objects.shown().order_by("priority", "-created_at", "-pk")
    return [_notice(row) for row in found[:MOST_SHOWN]]


def announcements(page: int) -> Page[Notice]:
    """Give a page of all announcements, newest first."""
    found = page_of(Announcement.objects.all(), page)
    return Page([_notice(row) for row in found.rows], found.next)


@dataclass(frozen=True, slots=True)
class Guide:
    """A help page and where its video is to be seen."""

    row: Help
    video: str
    link: str


def guides(page: int) -> Page[Guide]:
    """Give a page of the help pages, by title."""
    found = page_of(Help.objects.all(), page)
    return Page([_guide(row) for row in found.rows], found.next)


def _notice(row: Announcement) -> Notice:
    name = row.media_path
    return Notice(
        row=row,
        url=f"/public/announcements/{name}" if name else "",
        is_picture=name.rpartition(".")[2] in _PICTURES,
    )


def _guide(row: Help) -> Guide:
    video = row.video.strip()
    if _VIDEO_ID.fullmatch(video):
        # Operators enter what stands in the address of a video.
        video = f"https://www.youtube.com/watch?v={video}"
    return Guide(row, _web_address(video), _web_address(row.link.strip()))


def _web_address(text: str) -> str:
    """Give an address of the web; anything else (scripts, too) leads nowhere."""
    return text if text.startswith(("https://", "http://")) else ""
