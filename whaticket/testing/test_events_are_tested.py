"""Every event the product knows is looked at by some test."""

import ast
import re
from pathlib import Path

from events.bus import event_classes

ROOT = Path(__file__).parents[2]


def names_used_in(source):
    """Give the names a module uses, its imports apart: importing an event proves nothing."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)
    }


def names_used_in_tests():
    used = set()
    for path in ROOT.glob("*/**/test_*.py"):
        if not re.search(r"/(tests|testing)/", path.as_posix()):
            continue
        used |= names_used_in(path.read_text())
    return used


def test_every_event_is_looked_at_by_a_test():
    used = names_used_in_tests()
    ours = [kind for kind in event_classes() if ".tests." not in kind.__module__]
    assert len(ours) > 50
    assert [kind.__name__ for kind in ours if kind.__name__ not in used] == []


def test_an_import_alone_is_no_test():
    assert "TicketRead" not in names_used_in("from tickets.events import TicketRead\n")
    assert "TicketRead" in names_used_in("assert heard(TicketRead) == []\n")
    assert "TicketRead" in names_used_in("assert heard(events.TicketRead) == []\n")
