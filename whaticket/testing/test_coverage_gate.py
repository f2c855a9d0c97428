"""The coverage gate refuses untested rules and cannot be dodged by a renamed file."""

import json
import subprocess
import sys
from pathlib import Path

from whaticket.testing.coverage_gate import judge, whole


def measured(*, missing_lines=(), missing_branches=(), statements=10, branches=4):
    return {
        "summary": {
            "num_statements": statements,
            "covered_lines": statements - len(missing_lines),
            "missing_lines": len(missing_lines),
            "num_branches": branches,
            "covered_branches": branches - len(missing_branches),
            "missing_branches": len(missing_branches),
        },
        "missing_lines": list(missing_lines),
        "missing_branches": [list(pair) for pair in missing_branches],
    }


def test_a_listed_file_must_be_covered_wholly():
    report = {"files": {"tickets/services/accept.py": measured(missing_lines=[7])}}
    assert judge(report, ["*/services/*"]).failures == (
        "tickets/services/accept.py: all of it must be tested; missing 7",
    )


def test_an_untaken_branch_of_a_listed_file_counts():
    report = {"files": {"events/bus.py": measured(missing_branches=[(3, 5), (9, -1)])}}
    assert "missing 3→5, 9→exit" in judge(report, ["events/bus.py"]).failures[0]


def test_other_files_together_must_reach_the_floor():
    files = {
        "a.py": measured(statements=60, branches=0, missing_lines=range(20)),
        "b.py": measured(statements=40, branches=0),
    }
    assert judge({"files": files}, [], floor=80).passed
    verdict = judge({"files": files}, [], floor=81)
    assert verdict.failures == ("outside the list 80.0 % is tested; the floor is 81 %",)


def test_a_pattern_without_a_file_fails():
    report = {"files": {"tickets/services.py": measured()}}
    assert judge(report, ["tickets/service.py"]).failures == (
        "tickets/service.py: no such file was measured",
    )


def test_the_exit_code_carries_the_verdict(tmp_path):
    path = tmp_path / "report.json"
    codes = []
    for missing in ([], range(9)):
        path.write_text(json.dumps({"files": {"x.py": measured(missing_lines=missing)}}))
        script = (
            "import sys; from whaticket.testing import coverage_gate as gate; "
            "gate.FULL_COVERAGE = (); sys.exit(gate.main())"
        )
        codes.append(
            subprocess.run(
                [sys.executable, "-c", script, str(path)],
                cwd=Path(__file__).parents[2],
                capture_output=True,
                check=False,
            ).returncode
        )
    assert codes == [0, 1]


def test_what_could_be_on_the_list_is_found():
    report = {
        "files": {
            "tickets/services/accept.py": measured(),
            "tickets/services/update.py": measured(missing_branches=[(3, 5)]),
            "tickets/api/lists.py": measured(),
        }
    }
    assert whole(report) == ["tickets/services/accept.py"]
