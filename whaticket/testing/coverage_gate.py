"""Refuses a test run that leaves rules untested (``make test`` calls it; branches count).

``python -m whaticket.testing.coverage_gate coverage.json`` judges; with ``--whole`` it prints the
files of rules that could be on the list, ready to be pasted into it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

FULL = 100.0
# What the tests' own processes reach; those of a started platform are not measured, for under
# coverage they take twice as long.
FLOOR = 90.0

# Where a mistake costs most: who sees what, who is who, what is paid, what is sent and how often,
# and what a stranger may make us do. Every line and every branch is reached by a test.
FULL_COVERAGE: tuple[str, ...] = (
    "accounts/authentication.py",
    "accounts/services/recovery.py",
    "accounts/services/sessions.py",
    "accounts/tokens.py",
    "billing/providers/base.py",
    "billing/providers/manual.py",
    "billing/services/*.py",
    "companies/services/change.py",
    "companies/services/create.py",
    "dispatch/services/agenda.py",
    "dispatch/services/epoch.py",
    "messaging/media/addresses.py",
    "messaging/media/kinds.py",
    "messaging/media/names.py",
    "messaging/media/places.py",
    "messaging/media/refusals.py",
    "messaging/media/store.py",
    "messaging/services/delete.py",
    "messaging/services/ledger.py",
    "messaging/services/outbox.py",
    "messaging/services/permitted.py",
    "messaging/services/receive.py",
    "messaging/services/send.py",
    "tickets/services/accept.py",
    "tickets/services/close.py",
    "tickets/services/ending.py",
    "tickets/services/episodes.py",
    "tickets/services/find.py",
    "tickets/services/move.py",
    "tickets/services/open.py",
    "tickets/services/reopen.py",
    "tickets/services/rows.py",
    "tickets/services/transfer.py",
    "tickets/services/update.py",
    "tickets/sight.py",
    "whaticket/outgoing.py",
    "whaticket/tenancy.py",
    "whatsapp/authentication.py",
    "whatsapp/drivers/cloud/signature.py",
    "whatsapp/services/cloud.py",
    "whatsapp/services/external/direct.py",
    "whatsapp/services/external/once.py",
    "whatsapp/services/external/rate.py",
    "whatsapp/services/inbound.py",
    "whatsapp/services/leases.py",
    "whatsapp/services/outbound.py",
    "whatsapp/services/sessions.py",
    "whatsapp/services/upkeep.py",
)

# Where rules are kept: what ``--whole`` looks through.
RULES = (
    "*/services.py",
    "*/services/*.py",
    "*/events.py",
    "*/exceptions.py",
    "events/*.py",
    "dispatch/*.py",
    "*/authentication.py",
    "*/sight.py",
    "whaticket/tenancy.py",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found: failures to print, and the share reached elsewhere."""

    failures: tuple[str, ...]
    elsewhere: float

    @property
    def passed(self) -> bool:
        return not self.failures


def judge(
    report: Mapping[str, Any], full: Iterable[str] = FULL_COVERAGE, floor: float = FLOOR
) -> Verdict:
    """Judge coverage.py's JSON report.

    A file that matches a pattern of ``full`` must be covered wholly; all other files together must
    reach ``floor`` percent. A pattern that matches no file is a failure, so that a renamed module
    cannot slip out of the list.
    """
    failures = []
    patterns = tuple(full)
    unused = set(patterns)
    reached = possible = 0
    for path, entry in sorted(report["files"].items()):
        summary = entry["summary"]
        matching = [pattern for pattern in patterns if fnmatch(path, pattern)]
        unused.difference_update(matching)
        if matching:
            if summary["missing_lines"] or summary.get("missing_branches"):
                failures.append(f"{path}: all of it must be tested; missing {_missing(entry)}")
            continue
        reached += summary["covered_lines"] + summary.get("covered_branches", 0)
        possible += summary["num_statements"] + summary.get("num_branches", 0)
    failures += [f"{pattern}: no such file was measured" for pattern in sorted(unused)]
    elsewhere = FULL * reached / possible if possible else FULL
    if elsewhere < floor:
        failures.append(f"outside the list {elsewhere:.1f} % is tested; the floor is {floor:g} %")
    return Verdict(tuple(failures), elsewhere)


def whole(report: Mapping[str, Any], rules: Iterable[str] = RULES) -> list[str]:
    """The files of rules of which every line and branch is reached."""
    patterns = tuple(rules)
    return [
        path
        for path, entry in sorted(report["files"].items())
        if any(fnmatch(path, pattern) for pattern in patterns)
        and entry["summary"]["num_statements"]
        and not entry["summary"]["missing_lines"]
        and not entry["summary"].get("missing_branches")
    ]


def _missing(entry: Mapping[str, Any]) -> str:
    lines = [str(line) for line in entry.get("missing_lines", [])]
    # coverage.py writes an exit from the function as a negative line.
    branches = [
        f"{start}→{end if end > 0 else 'exit'}" for start, end in entry.get("missing_branches", [])
    ]
    shown = [*lines, *branches]
    return ", ".join(shown[:20]) + (" …" if len(shown) > 20 else "")


def main() -> int:
    """Print the verdict on the report named on the command line; 1 if it fails."""
    report = json.loads(Path(sys.argv[1]).read_text())
    if "--whole" in sys.argv[2:]:
        print("".join(f'    "{path}",\n' for path in whole(report)), end="")
        return 0
    verdict = judge(report, FULL_COVERAGE)
    for failure in verdict.failures:
        print(f"coverage: {failure}")
    if verdict.passed:
        print(
            f"coverage: everything on the list of {len(FULL_COVERAGE)} paths, "
            f"{verdict.elsewhere:.1f} % elsewhere"
        )
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    sys.exit(main())
