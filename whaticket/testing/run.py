"""``python -m whaticket.testing.run``: the whole suite with coverage (`make test`).

Arguments go to pytest; with any of them the run is a part of the suite, and its coverage is not
judged. The last line printed is pytest's closing line, with a word on the browser tests if they
had to be left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from whaticket.testing import chromium

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run pytest over two workers, then the coverage gate; the worse of both exit codes."""
    selection = sys.argv[1:]
    browser = chromium.find() or chromium.install()
    if browser is None and os.environ.get("CI"):
        print("No Chromium could be found or installed, and CI never leaves its tests out.")
        return 1
    with tempfile.TemporaryDirectory(prefix="whaticket-coverage-") as folder:
        data = Path(folder)
        environment = os.environ | {"COVERAGE_FILE": str(data / "coverage")}
        coverage = [sys.executable, "-m", "coverage"]
        measured = [] if selection else [*coverage[2:], "run"]
        command = [sys.executable, "-m", *measured, *(["-m"] if measured else []), "pytest"]
        command += ["-n", os.environ.get("TEST_WORKERS", "2"), "--dist", "loadscope", *selection]
        code, closing = run_and_keep_last_line(command, environment)
        if not selection:
            subprocess.run(
                [*coverage, "combine", "--quiet"], env=environment, cwd=ROOT, check=False
            )
            report = data / "report.json"
            subprocess.run(
                [*coverage, "json", "--quiet", "-o", str(report)],
                env=environment,
                cwd=ROOT,
                check=False,
            )
            gate = subprocess.run(
                [sys.executable, "-m", "whaticket.testing.coverage_gate", str(report)],
                cwd=ROOT,
                check=False,
            )
            code = code or gate.returncode
    if browser is None:
        closing += f" (browser tests left out: {chromium.MISSING})"
    print(closing)
    return code


def run_and_keep_last_line(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run a command, passing its output on except the last line, which is returned."""
    held = ""
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, env=environment, cwd=ROOT, text=True, errors="replace"
    )
    assert child.stdout is not None
    try:
        for line in child.stdout:
            if held:
                print(held, end="", flush=True)
            held = line
    except KeyboardInterrupt:
        # pytest got it too, and is clearing up.
        child.wait()
    return child.wait(), held.rstrip("\n")


if __name__ == "__main__":
    sys.exit(main())
