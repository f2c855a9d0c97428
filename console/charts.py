"""Bars drawn on the server: where each stands, in percent, so that a chart fits any width."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# As many names fit under a chart on a phone.
_MOST_NAMES = 7
# Longer periods are shown by week, and then by month: a bar must be wide enough to be hit.
_MOST_DAYS = 62
_MOST_WEEKS_OF_DAYS = 400


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `x`, `y`, `width` and `height` in percent, as SVG wants them."""

    x: str
    y: str
    width: str
    height: str
    series: int


@dataclass(frozen=True, slots=True)
class Column:
    """What stands at one place: its bars, its values, and a name under it where there is room."""

    name: str
    title: str
    values: tuple[int, ...]
    x: str
    middle: str
    width: str
    bars: tuple[Bar, ...]
    is_named: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of bars and the numbers beside it."""

    columns: list[Column]
    top: int

    @property
    def half(self) -> int:
        return self.top // 2


def chart(rows: Sequence[tuple[str, str, tuple[int, ...]]]) -> Chart:
    """Draw names, titles and values, one or several at each place."""
    top = _even_top(max((value for _n, _t, values in rows for value in values), default=0))
    step = 100 / max(len(rows), 1)
    every = -(-len(rows) // _MOST_NAMES)
    columns = []
    for place, (name, title, values) in enumerate(rows):
        wide = step * 0.72 / len(values)
        left = place * step + step * 0.14
        bars = tuple(
            Bar(
                x=_percent(left + series * wide),
                y=_percent(100 - value * 100 / top),
                width=_percent(wide * 0.94),
                height=_percent(value * 100 / top),
                series=series,
            )
            for series, value in enumerate(values)
        )
        columns.append(
            Column(
                name=name,
                title=title,
                values=values,
                x=_percent(place * step),
                middle=_percent((place + 0.5) * step),
                width=_percent(step),
                bars=bars,
                is_named=place % every == 0,
            )
        )
    return Chart(columns, top)


def _percent(value: float) -> str:
    return f"{value:.3f}%"


# Round numbers with a round half, up to ten times the first.
_TOPS = (2, 4, 6, 8, 10, 12, 14, 16)
_LARGE_TOPS = (20, 30, 40, 50, 60, 80, 100, 120, 140, 160)


def _even_top(highest: int) -> int:
    """Give a round even number no bar is higher than."""
    for top in _TOPS:
        if highest <= top:
            return top
    scale = 1
    while highest > _LARGE_TOPS[-1] * scale:
        scale *= 10
    return next(top * scale for top in _LARGE_TOPS if highest <= top * scale)


def per_day(
    counts: Mapping[str, tuple[int, int]], first: datetime.date, last: datetime.date
) -> Chart:
    """Draw how many tickets were opened and closed on each day, or week, or month of a period."""
    days = (last - first).days + 1
    sums: dict[datetime.date, list[int]] = {}
    for number in range(days):
        day = first + datetime.timedelta(days=number)
        if days > _MOST_WEEKS_OF_DAYS:
            start = max(day.replace(day=1), first)
        elif days > _MOST_DAYS:
            start = max(day - datetime.timedelta(days=day.weekday()), first)
        else:
            start = day
        opened, closed = counts.get(day.isoformat(), (0, 0))
        both = sums.setdefault(start, [0, 0])
        both[0] += opened
        both[1] += closed
    rows = []
    for day, (opened, closed) in sums.items():
        if days > _MOST_WEEKS_OF_DAYS:
            name = whole = formats.date_format(day, "M Y")
        else:
            name = formats.date_format(day, "j M")
            whole = formats.date_format(day, "SHORT_DATE_FORMAT")
            if days > _MOST_DAYS:
                whole = _("Week from {day}").format(day=whole)
        title = _("{when}: {opened} opened, {closed} closed")
        rows.append(
            (name, title.format(when=whole, opened=opened, closed=closed), (opened, closed))
        )
    return chart(rows)


def per_hour(counts: Mapping[int, int]) -> Chart:
    """Draw how many tickets were opened at each hour of the day."""
    rows = []
    for hour in range(24):
        amount = counts.get(hour, 0)
        name = f"{hour:02d}:00"
        words = ngettext("{when}: {n} ticket", "{when}: {n} tickets", amount)
        rows.append((name, words.format(when=name, n=amount), (amount,)))
    return chart(rows)


def per_rate(counts: Sequence[int]) -> Chart:
    """Draw how often each rate was given."""
    rows = []
    for rate, amount in enumerate(counts):
        words = ngettext("Rate {rate}: {n} time", "Rate {rate}: {n} times", amount)
        rows.append((str(rate), words.format(rate=rate, n=amount), (amount,)))
    return chart(rows)
