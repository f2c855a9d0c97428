"""The tools behind `make test` and `make lint` say the right thing, last and exactly."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from whaticket.testing import chromium, lint
from whaticket.testing.run import run_and_keep_last_line

ROOT = Path(__file__).parents[2]


def pytest_here(folder, *arguments, **environment):
    """Run pytest over a folder as `make test` does, with the plugin under test."""
    plugins = ("-p", "no:django", "-p", "whaticket.testing.servers", "-p", "no:cacheprovider")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser: needs a Chromium\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *arguments, str(folder)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_closing_line_is_held_back_and_the_rest_is_shown(capfd):
    code, closing = run_and_keep_last_line(
        [
            sys.executable,
            "-c",
            "print('one'); print('two'); print('3 passed'); raise SystemExit(5)",
        ],
        dict(os.environ),
    )
    assert (code, closing) == (5, "3 passed")
    assert capfd.readouterr().out == "one\ntwo\n"


def test_without_a_browser_its_tests_are_left_out_and_others_are_not(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.browser\n"
        "def test_page(): raise AssertionError\n"
        "def test_plain(): pass\n"
    )
    result = pytest_here(tmp_path, "-rs", CHROMIUM="/no/such/browser", CI="")
    assert result.returncode == 0, result.stdout
    assert "1 passed, 1 skipped" in result.stdout
    assert chromium.MISSING in result.stdout


def test_on_ci_a_missing_browser_is_an_error(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.mark.browser\ndef test_page(): pass\n"
    )
    result = pytest_here(tmp_path, CHROMIUM="/no/such/browser", CI="true")
    assert result.returncode != 0
    assert "CI never leaves the browser tests out" in result.stdout + result.stderr


def test_a_named_browser_is_used_before_any_other(tmp_path, monkeypatch):
    browser = tmp_path / "browser"
    browser.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(browser))
    assert chromium.launch_options()["executable_path"] == str(browser)
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(RuntimeError, match="no Chromium"):
        chromium.launch_options()


def test_each_worker_of_a_run_has_a_cache_of_its_own(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import os, json, pathlib, time\n"
        "import pytest\n"
        "@pytest.mark.parametrize('turn', range(4))\n"
        "def test_addresses(turn):\n"
        f"    path = pathlib.Path({str(tmp_path)!r}) / f'{{os.getpid()}}.json'\n"
        "    path.write_text(json.dumps([os.environ['REDIS_URL'], os.environ['DATABASE_URL']]))\n"
        "    time.sleep(0.2)\n"
    )
    result = pytest_here(tmp_path, "-n", "2")
    assert "4 passed" in result.stdout, result.stdout
    seen = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert {redis.rsplit("/", 1)[1] for redis, _ in seen} == {"1", "2"}
    assert {database for _, database in seen} == {os.environ["DATABASE_URL"]}


def test_a_lock_that_is_out_of_step_is_found_by_its_names(tmp_path, monkeypatch):
    monkeypatch.setattr(lint, "ROOT", tmp_path)
    (tmp_path / "requirements.in").write_text("# why\nDjango~=5.2\nchannels_redis[x]>=4 # why\n")
    (tmp_path / "requirements.txt").write_text(
        "django==5.2.1 \\\n    --hash=sha256:00\n    # via -r requirements.in\n"
        "stale==1 \\\n    # via\n    #   -r requirements.in\n    #   django\n"
        "asgiref==3\n    # via django\n"
    )
    (tmp_path / "requirements-dev.in").write_text("-r requirements.in\n")
    (tmp_path / "requirements-dev.txt").write_text("")
    assert lint.requirements_drift() == [
        "requirements.txt lacks channels-redis: run `make lock`",
        "requirements.txt still has stale, which requirements.in no longer asks for: "
        "run `make lock`",
    ]
