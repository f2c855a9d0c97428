"""Menus as text, for networks that do not show buttons or lists."""

from __future__ import annotations

from dataclasses import replace

from .base import Choice, Content, Kind


def numbered(content: Content) -> Content:
    """Return buttons or a list as a text whose lines are numbered in order; others unchanged.

    `choice_at` finds what a reader's number meant.
    """
    choices = content.choices
    if choices is None:
        return content
    lines = [f"*{choices.header}*", ""] if choices.header else []
    lines += [content.text, ""] if content.text else []
    number = 0
    for heading, rows in _groups(content):
        lines += [f"*{heading}*"] if heading else []
        for row in rows:
            number += 1
            lines.append(f"*{number}* - {row.title}")
            lines += [row.description] if row.description else []
    lines += ["", f"_{choices.footer}_"] if choices.footer else []
    return replace(content, kind=Kind.TEXT, text="\n".join(lines), choices=None)


def choice_at(content: Content, number: int) -> Choice | None:
    """Return the choice that `numbered` shows under this number."""
    rows = [row for _, group in _groups(content) for row in group]
    return rows[number - 1] if 0 < number <= len(rows) else None


def _groups(content: Content) -> list[tuple[str, tuple[Choice, ...]]]:
    if content.choices is None:
        return []
    groups = [("", content.choices.buttons)] if content.choices.buttons else []
    return groups + [(section.title, section.rows) for section in content.choices.sections]
