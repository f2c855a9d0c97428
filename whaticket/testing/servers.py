"""pytest plugin: a database and a cache of the run's own, up before Django reads its settings.

Loaded by ``-p`` in pytest.ini, because pytest-django imports the settings before any conftest.py.
The controller starts them once; xdist workers find their addresses in the environment and keep
apart by database name (pytest-django) and by Valkey database number. Addresses in the caller's
environment are never used: tests must not reach anybody's data.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from whaticket import embedded
from whaticket.testing import chromium

MARK = "WHATICKET_TEST_SERVERS"
ROOT = Path(__file__).parents[2]


@contextmanager
def throwaway_servers() -> Iterator[embedded.Urls]:
    """Start servers in a temporary VAR_DIR, named in ``os.environ``; remove all of it at the end.

    A watcher at the end of a pipe removes them too if this process is killed.
    """
    var_dir = Path(tempfile.mkdtemp(prefix="whaticket-test-"))
    # The database of a root caller runs as another account, which must get through to its files.
    var_dir.chmod(0o711)
    before = dict(os.environ)
    os.environ["VAR_DIR"] = str(var_dir)
    watcher = subprocess.Popen(
        [sys.executable, "-m", "whaticket.embedded", "discard-at-eof"],
        stdin=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        urls = embedded.ensure(var_dir, throwaway=True)
        os.environ |= {
            "DATABASE_URL": urls.database_url,
            "REDIS_URL": urls.redis_url,
            MARK: str(var_dir),
        }
        yield urls
    finally:
        os.environ.clear()
        os.environ.update(before)
        assert watcher.stdin is not None
        watcher.stdin.close()
        watcher.wait(60)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Start the servers, or as an xdist worker find those of the controller."""
    if MARK not in os.environ:
        servers = throwaway_servers()
        servers.__enter__()
        early_config.add_cleanup(lambda: servers.__exit__(None, None, None))
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker.startswith("gw"):
        base = os.environ["REDIS_URL"].rsplit("/", 1)[0]
        os.environ["REDIS_URL"] = f"{base}/{int(worker[2:]) + 1}"
        # This process is measured; those it starts would take twice as long if they were, too.
        for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
            del os.environ[name]
    return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the browser tests where there is no browser; on CI that is an error."""
    browser = [item for item in items if item.get_closest_marker("browser")]
    if not browser or chromium.find():
        return
    if os.environ.get("CI"):
        raise pytest.UsageError("No Chromium, and CI never leaves the browser tests out.")
    for item in browser:
        item.add_marker(pytest.mark.skip(reason=chromium.MISSING))
