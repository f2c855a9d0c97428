"""What the work came to, in words: large numbers, their change, and rows of groups."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.formatting import grouped
from console.reads.reports.wish import NOBODY
from tickets.services import reports


@dataclass(frozen=True, slots=True)
class Change:
    """How a number differs from the one before: `mood` is good, bad or neither."""

    text: str
    sign: str
    mood: str


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the large numbers, in words, what it was before and how it changed."""

    label: str
    value: str
    note: str
    before: str
    change: Change | None


def duration(minutes: float | None) -> str:
    """Say how long something took."""
    if not minutes:
        return "–"
    seconds = round(minutes * 60)
    if seconds < 60:
        return _("{n} s").format(n=max(seconds, 1))
    whole = round(minutes)
    if whole < 60:
        return _("{n} min").format(n=whole)
    if whole < 24 * 60:
        return _("{hours} h {minutes} min").format(hours=whole // 60, minutes=whole % 60)
    hours = round(minutes / 60)
    return _("{days} d {hours} h").format(days=hours // 24, hours=hours % 24)


def _change(now: float | None, then: float | None, *, good: int = 0) -> Change | None:
    """Compare two numbers; `good` is 1 where more is better, -1 where less is."""
    if not now or not then:
        return None
    percent = round((now - then) * 100 / then)
    return _moved(percent, f"{abs(percent)}%", good)


def _moved(by: float, text: str, good: int) -> Change:
    if not by:
        return Change(_("the same"), "", "")
    up = by > 0
    mood = "" if not good else ("good" if up == (good > 0) else "bad")
    return Change(text, "up" if up else "down", mood)


def headlines(now: reports.Numbers, then: reports.Numbers) -> list[Headline]:
    """Give the numbers a manager looks at first."""
    found = [
        Headline(label, grouped(value), "", grouped(old), _change(value, old))
        for label, value, old in (
            (_("Opened"), now.opened, then.opened),
            (_("Closed"), now.closed, then.closed),
        )
    ]
    for label, one, old in (
        (_("First response"), now.first_response, then.first_response),
        (_("Waiting time"), now.waiting, then.waiting),
        (_("Handling time"), now.handling, then.handling),
    ):
        note = _("half within {time}").format(time=duration(one.median))
        change = _change(one.average, old.average, good=-1)
        found.append(
            Headline(
                label,
                duration(one.average),
                note if one.average else "",
                duration(old.average),
                change,
            )
        )
    score = None
    if now.ratings.count and then.ratings.count:
        points = round(now.ratings.score) - round(then.ratings.score)
        score = _moved(
            points, ngettext("{n} point", "{n} points", abs(points)).format(n=abs(points)), 1
        )
    found.append(
        Headline(
            "NPS",
            nps(now.ratings),
            _rated(now.ratings.count),
            nps(then.ratings),
            score,
        )
    )
    return found


def _rated(count: int) -> str:
    if not count:
        return ""
    return ngettext("{n} rating", "{n} ratings", count).format(n=grouped(count))


def nps(ratings: reports.Ratings) -> str:
    """Say a net promoter score; a dash where nobody answered."""
    return f"{round(ratings.score):+d}" if ratings.count else "–"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of agents, queues, tags or connections."""

    name: str
    key: int | None
    n: reports.Numbers
    response: str
    waiting: str
    handling: str
    nps: str


# Whoever has more finds them in the file.
MOST_LINES = 100


def lines_of(found: reports.Summary, by: str) -> list[Line]:
    """Give the rows of a summary, the busiest first."""
    rows = sorted(found.rows, key=lambda row: (-row.numbers.opened, -row.numbers.closed))
    return [
        _line(
            row.name or (str(NOBODY[by]) if row.key is None else f"#{row.key}"),
            row.key if isinstance(row.key, int) else None,
            row.numbers,
        )
        for row in rows[:MOST_LINES]
    ]


def total_line(found: reports.Summary) -> Line:
    """Give the row under all others."""
    return _line(_("All together"), None, found.total)


def _line(name: str, key: int | None, n: reports.Numbers) -> Line:
    return Line(
        name=name,
        key=key,
        n=n,
        response=duration(n.first_response.average),
        waiting=duration(n.waiting.average),
        handling=duration(n.handling.average),
        nps=nps(n.ratings),
    )
