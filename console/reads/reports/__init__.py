"""The reports page: which work a person looks at, as the address says it, and what it came to."""

from console.reads.reports.lists import now_for, tickets_page
from console.reads.reports.numbers import (
    MOST_LINES,
    duration,
    headlines,
    lines_of,
    nps,
    total_line,
)
from console.reads.reports.wish import (
    GROUPS,
    OWN_RANGE,
    PERIODS,
    Wish,
    choices_for,
    unknown_choices,
)

__all__ = [
    "GROUPS",
    "MOST_LINES",
    "OWN_RANGE",
    "PERIODS",
    "Wish",
    "choices_for",
    "duration",
    "headlines",
    "lines_of",
    "now_for",
    "nps",
    "tickets_page",
    "total_line",
    "unknown_choices",
]
