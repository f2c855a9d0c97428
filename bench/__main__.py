"""Run the benchmarks.

    make bench                             everything
    make bench ARGS="lists"                one of: lists, growth, companies, inbound, sockets
    make bench ARGS="lists --seconds 10"   longer runs
    make bench ARGS="--json out.json"      the numbers for a machine

Numbers of one run compare with each other, not with those of another machine.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]
EXTRA_COMPANIES = 1000


def _with_platform_schema(work: Callable[[], Rows]) -> Rows:
    """Start throwaway servers, make the tables, and run."""
    from whaticket.testing.servers import throwaway_servers

    with throwaway_servers():
        os.environ["DJANGO_SETTINGS_MODULE"] = "whaticket.settings"
        os.environ["DEMO_PASSWORD"] = "benchmark sample"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("setup_platform", "--no-demo", stdout=sys.stderr)
        return work()


def lists(seconds: float) -> Rows:
    """The issue's data: 20,000 tickets, 400,000 messages, 20,000 contacts."""
    from bench import lists as bench_lists

    def work() -> Rows:
        company = bench_lists.seed("Benchmark", 1)
        with bench_lists.rest_workers() as port:
            return bench_lists.measure(port, company, seconds=seconds)

    return _with_platform_schema(work)


def growth(seconds: float) -> Rows:
    """Page 1 with one time and with ten times the rows, in one run."""
    from bench import lists as bench_lists

    def work() -> Rows:
        companies = [bench_lists.seed("Small", 1), bench_lists.seed("Large", 10)]
        with bench_lists.rest_workers() as port:
            small, large = (
                bench_lists.measure(port, company, seconds=seconds) for company in companies
            )
        return _compare(small, large, "rows ×1", "rows ×10")

    return _with_platform_schema(work)


def companies(seconds: float) -> Rows:
    """The same company alone and among a thousand others, in one run."""
    from bench import lists as bench_lists

    def work() -> Rows:
        from companies.services import create_company

        company = bench_lists.seed("Benchmark", 1)
        with bench_lists.rest_workers() as port:
            alone = bench_lists.measure(port, company, seconds=seconds)
        for n in range(EXTRA_COMPANIES):
            create_company(name=f"Neighbour {n}")
        with bench_lists.rest_workers() as port:
            crowded = bench_lists.measure(port, company, seconds=seconds)
        return _compare(alone, crowded, "1 company", f"{EXTRA_COMPANIES + 1} companies")

    return _with_platform_schema(work)


def inbound(seconds: float) -> Rows:
    """From the simulator's phones to committed rows and an agent's socket."""
    from bench.inbound import measure

    return [measure()]


def sockets(seconds: float) -> Rows:
    """A thousand sockets of one company."""
    from bench.sockets import measure_platform

    return [measure_platform(seconds=max(int(seconds), 10))]


def _compare(before: Rows, after: Rows, one: str, other: str) -> Rows:
    return [
        {
            "name": first["name"],
            one: first["per_second"],
            other: second["per_second"],
            "ratio": round(second["per_second"] / first["per_second"], 2),
        }
        for first, second in zip(before, after, strict=True)
        if first["per_second"]
    ]


def _print_table(title: str, rows: Rows) -> None:
    print(f"\n{title}")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    table = [columns, *[[str(row.get(column, "")) for column in columns] for row in rows]]
    widths = [max(len(line[n]) for line in table) for n in range(len(columns))]
    for line in table:
        cells = [
            cell.ljust(w) if n == 0 else cell.rjust(w)
            for n, (cell, w) in enumerate(zip(line, widths, strict=True))
        ]
        print("  " + "  ".join(cells))


BENCHMARKS = {
    "lists": lists,
    "growth": growth,
    "companies": companies,
    "inbound": inbound,
    "sockets": sockets,
}


def main() -> int:
    """Run what was asked for; each benchmark is a process of its own, with servers of its own."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], metavar="benchmark")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, Rows] = {}
    for name in options.names or BENCHMARKS:
        if len(options.names) == 1:
            results[name] = BENCHMARKS[name](options.seconds)
        else:
            results[name] = _in_a_process(name, options.seconds)
        if options.json is None or len(options.names) != 1:
            _print_table(f"{name}: {BENCHMARKS[name].__doc__}", results[name])
    if options.json:
        options.json.write_text(json.dumps(results, indent=2))
    return 0


def _in_a_process(name: str, seconds: float) -> Rows:
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "bench", name, f"--seconds={seconds}", f"--json={path}"]
        subprocess.run(command, check=True)
        return json.loads(path.read_text())[name]


if __name__ == "__main__":
    sys.exit(main())
