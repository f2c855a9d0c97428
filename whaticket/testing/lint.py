"""``python -m whaticket.testing.lint``: every check that needs no test run (`make lint`).

Each step runs even when an earlier one failed, so that one run tells everything.
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from pathlib import Path

from whaticket.testing.servers import throwaway_servers

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
OPENAPI = ROOT / "docs" / "openapi.yaml"
MANAGE = [sys.executable, "manage.py"]
# A warning says that the document promises something else than the code.
SPECTACULAR = ["spectacular", "--validate", "--fail-on-warn"]

STEPS: dict[str, list[str]] = {
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "ruff": [str(BIN / "ruff"), "check", "--quiet", "."],
    # Before the types: mypy's plugins set Django up too, and say less where that fails.
    "django": [*MANAGE, "check", "--fail-level", "WARNING"],
    "types": [str(BIN / "mypy"), "."],
    "imports": [str(BIN / "lint-imports")],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
}


def main() -> int:
    """Run the checks, or with ``--write-openapi`` only write the document; 1 if anything fails."""
    with throwaway_servers():
        if "--write-openapi" in sys.argv[1:]:
            OPENAPI.write_text(openapi())
            return 0
        failed = [name for name, command in STEPS.items() if not passes(name, command)]
        drifts = {"openapi": openapi_drift(), "requirements": requirements_drift()}
    for name, problems in drifts.items():
        report(name, "\n".join(problems))
        if problems:
            failed.append(name)
    print(f"lint: {', '.join(failed)} failed" if failed else "lint: all checks passed")
    return 1 if failed else 0


def passes(name: str, command: list[str]) -> bool:
    """Run one step, printing what it says only if it fails."""
    finished = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    report(name, finished.stdout if finished.returncode else "")
    return finished.returncode == 0


def report(name: str, problems: str) -> None:
    """One line for a step, and its problems below."""
    print(f"{'FAILED' if problems else 'ok':<7}{name}", flush=True)
    if problems:
        print(problems.rstrip(), flush=True)


def openapi() -> str:
    """The API document as the code has it. Raises CalledProcessError where it has a doubt."""
    finished = subprocess.run(
        [*MANAGE, *SPECTACULAR],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return finished.stdout


def openapi_drift() -> list[str]:
    """How docs/openapi.yaml differs from the code."""
    try:
        current = openapi()
    except subprocess.CalledProcessError:
        return ["The API document cannot be made; the reason stands above."]
    kept = OPENAPI.read_text() if OPENAPI.exists() else ""
    difference = list(
        difflib.unified_diff(
            kept.splitlines(),
            current.splitlines(),
            "docs/openapi.yaml",
            "the code",
            lineterm="",
            n=1,
        )
    )
    return [*difference[:60], "`make openapi` writes it anew."] if difference else []


def requirements_drift() -> list[str]:
    """Names in a .in file that its lock lacks or no longer has as its own."""
    problems = []
    for stem in ("requirements", "requirements-dev"):
        asked = asked_for(ROOT / f"{stem}.in")
        locked = locked_for(ROOT / f"{stem}.txt", f"{stem}.in")
        problems += [f"{stem}.txt lacks {name}: run `make lock`" for name in sorted(asked - locked)]
        problems += [
            f"{stem}.txt still has {name}, which {stem}.in no longer asks for: run `make lock`"
            for name in sorted(locked - asked)
        ]
    return problems


def asked_for(path: Path) -> set[str]:
    """The normalised names a .in file asks for itself."""
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return {normalised(line) for line in lines if line and not line.startswith("-")}


def locked_for(path: Path, source: str) -> set[str]:
    """The names a lock holds because ``source`` asked for them."""
    names, current = set(), ""
    for line in path.read_text().splitlines():
        if line and line[0] not in "# \t":
            current = normalised(line)
        elif re.search(rf"-r {re.escape(source)}$", line):
            names.add(current)
    return names


def normalised(requirement: str) -> str:
    """A requirement's name as indexes compare it."""
    name = re.split(r"[\s\[=~<>!;@]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
