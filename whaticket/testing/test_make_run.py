"""`make run` as a newcomer meets it: up from nothing, a sign-in, Ctrl-C, a crash, up again."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from whaticket import embedded

pytestmark = pytest.mark.system
ROOT = Path(__file__).parents[2]
PATIENCE = 150


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture
def home():
    """A VAR_DIR of its own, removed with its servers afterwards."""
    with tempfile.TemporaryDirectory(prefix="whaticket-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "var"
        embedded.discard(Path(folder) / "var")


@pytest.fixture
def newcomer(home):
    """Start ``python -m whaticket.up`` as often as a test likes; whatever is left is ended."""
    port, simulator_port = free_ports(2)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "DEMO_PASSWORD", "DEMO_EMAIL"}
    }
    environment |= {
        "VAR_DIR": str(home),
        "PORT": str(port),
        "SIMULATOR_PORT": str(simulator_port),
    }
    started = []

    def start():
        run = Run(environment, home.with_name(f"output-{len(started)}"))
        started.append(run)
        return run

    yield start
    for run in started:
        run.end()


class Run:
    """One `make run` and what the person at its terminal sees."""

    def __init__(self, environment, log):
        self.log = log
        self.port = environment["PORT"]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "whaticket.up"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.said()):
                return found
            assert self.process.poll() is None, self.said()[-6000:]
            time.sleep(0.2)
        raise AssertionError(f"{pattern} was never said:\n{self.said()[-6000:]}")

    def family(self):
        """The supervisor, its processes, and the embedded servers it started."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


def living(processes):
    """Those that still run after the moment that a last one may need to see the end of a pipe."""
    psutil.wait_procs(processes, timeout=10)
    return [
        process
        for process in processes
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def test_up_from_nothing_then_ctrl_c_then_a_crash_then_up_again(newcomer, home):
    first = newcomer()
    first.wait_for("Whaticket is running")
    email = first.wait_for(r"Sign in as +(\S+)")[1]
    password = first.wait_for(r"Password +(\S+)")[1]
    assert first.said().count("Whaticket is running") == 1
    assert "@" in email
    assert (home / "demo-password").read_text().strip() == password
    with urllib.request.urlopen(f"http://127.0.0.1:{first.port}/app/", timeout=10) as page:
        assert page.status == 200
    second = newcomer()
    assert second.process.wait(60) == 1
    assert "already runs from this folder" in second.said()

    everything = first.family()
    assert len(everything) > 8
    os.killpg(first.process.pid, signal.SIGINT)
    assert first.process.wait(60) == 0
    assert living(everything) == []

    again = newcomer()
    assert again.wait_for(r"Password +(\S+)")[1] == password
    # The database and the cache may be taken over as they are; the programs may not.
    programs = [
        process
        for process in again.family()
        if re.search(r"daphne|celery|manage\.py", " ".join(process.cmdline()))
    ]
    assert len(programs) > 4
    again.process.kill()
    again.process.wait()
    third = newcomer()
    assert third.wait_for(r"Password +(\S+)")[1] == password
    assert living(programs) == []


def test_killing_one_process_ends_no_other(newcomer):
    run = newcomer()
    run.wait_for("Whaticket is running")
    before = {process.pid: " ".join(process.cmdline()) for process in run.family()}
    victim = next(pid for pid, command in before.items() if "daphne" in command)
    os.kill(victim, signal.SIGKILL)

    run.wait_for("web ended .SIGKILL.; starting it again")

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/health/live", timeout=3):
                break
        except OSError:
            assert time.monotonic() < deadline, run.said()[-6000:]
            time.sleep(0.2)
    services = [pid for pid, command in before.items() if re.search("celery|manage.py", command)]
    assert len(services) >= 4
    assert all(psutil.pid_exists(pid) for pid in services)
