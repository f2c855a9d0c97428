"""``python -m whaticket.up``: the whole of Whaticket on one machine, which is what `make run` runs.

Embedded servers where none are given, tables, the demo company, every process of the Procfile, and
one banner that tells where to sign in. Ctrl-C ends all of it, and nothing else.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any

from whaticket import demo as demo_world
from whaticket import embedded
from whaticket.supervisor import Supervisor, clear_leftovers, read_procfile

ROOT = Path(__file__).parents[1]
HEALTH_PATIENCE = 120.0


class Refused(Exception):
    """The start cannot go on; the text tells a person what to do."""


def main() -> int:
    """Run until Ctrl-C or SIGTERM; 0 after an orderly end, 1 if the start was refused."""
    parser = argparse.ArgumentParser(prog="python -m whaticket.up", description=__doc__)
    parser.add_argument("--watch-over", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    run_dir = embedded.default_var_dir() / "run"
    if options.watch_over:
        return clear_up_after_supervisor(run_dir)
    try:
        return run(run_dir)
    except (Refused, embedded.EmbeddedError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def run(run_dir: Path) -> int:
    """Start everything, look after it, stop it."""
    var_dir = run_dir.parent
    # Also makes VAR_DIR with the right modes, before anything is written there.
    embedded.urls(var_dir)
    run_dir.mkdir(exist_ok=True)
    environment = environment_of_processes(var_dir)
    lock = only_one(run_dir)
    stopping = StopRequest()
    record = run_dir / "processes.json"
    if cleared := clear_leftovers(record):
        announce(f"Ended {cleared} processes left by a run that was killed.")
    require_free_port("PORT", environment["HOST"], int(environment["PORT"]))
    require_free_port("SIMULATOR_PORT", "127.0.0.1", int(environment["SIMULATOR_PORT"]))
    guardian = start_guardian(environment)
    servers = embedded.wanted()
    supervisor = Supervisor(
        read_procfile(ROOT / "Procfile", environment),
        environment=environment,
        cwd=ROOT,
        record=record,
    )
    try:
        if servers:
            announce("Starting the database and the cache …")
            embedded.ensure(var_dir, servers)
        announce("Preparing tables and the demo company …")
        demo = set_up_platform(environment, stopping)
        supervisor.start()
        # Beside the supervisor's loop: the customer writes as soon as the simulator answers.
        simulator = f"http://127.0.0.1:{environment['SIMULATOR_PORT']}"
        threading.Thread(target=demo_world.prepare, args=(simulator,), daemon=True).start()
        announced = False
        deadline = time.monotonic() + HEALTH_PATIENCE
        next_look = 0.0
        while not stopping.requested:
            supervisor.tick()
            now = time.monotonic()
            if now >= next_look:
                next_look = now + 1
                revive(var_dir, servers, supervisor)
                if not announced and (healthy(environment) or now > deadline):
                    announced = True
                    announce(banner(environment, demo, in_time=now <= deadline))
            time.sleep(0.1)
    except Interrupted:
        pass
    finally:
        announce("\nStopping …")
        supervisor.stop()
        if servers:
            embedded.stop(var_dir)
        if guardian.stdin is not None:
            guardian.stdin.close()
        os.close(lock)
    announce("Stopped.")
    return 0


def announce(text: str) -> None:
    """Print for the person at the terminal, who may have closed it: that must not stop the stop."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


class Interrupted(Exception):
    """Ctrl-C came while something was being waited for."""


class StopRequest:
    """Remembers that Ctrl-C, SIGTERM or a closed terminal asked for the end."""

    def __init__(self) -> None:
        self.requested = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request)

    def _request(self, number: int, frame: FrameType | None) -> None:
        self.requested = True


def environment_of_processes(var_dir: Path) -> dict[str, str]:
    """What every process gets: the caller's environment, the defaults, our programs first."""
    environment = dict(os.environ)
    environment.setdefault("HOST", "127.0.0.1")
    for name, default in (("PORT", "8080"), ("SIMULATOR_PORT", "8090")):
        environment[name] = environment.get(name) or default
        if not environment[name].isdigit() or not 0 < int(environment[name]) < 65536:
            raise Refused(f"{name}={environment[name]} is not a port number.")
    environment["VAR_DIR"] = str(var_dir)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    # Lines must reach the terminal when they are written, not when a buffer is full.
    environment["PYTHONUNBUFFERED"] = "1"
    environment["DEMO_EMAIL"] = environment.get("DEMO_EMAIL") or "demo@whaticket.local"
    if not environment.get("DEMO_PASSWORD"):
        environment["DEMO_PASSWORD"] = demo_password(var_dir)
    return environment


def demo_password(var_dir: Path) -> str:
    """The demo admin's password, made once and kept where only its owner can read it."""
    path = var_dir / "demo-password"
    with contextlib.suppress(FileNotFoundError):
        if kept := path.read_text().strip():
            return kept
        path.unlink()
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
    return password


def only_one(run_dir: Path) -> int:
    """Take the lock of this VAR_DIR; the kernel gives it back however this process ends."""
    path = run_dir / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + 60
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = path.read_text()
            # The guardian of a killed run holds it only while clearing up.
            if holder != "clearing up" or time.monotonic() > deadline:
                raise Refused(
                    f"Whaticket already runs from this folder ({holder}). Stop it first, or give "
                    "this one a folder and ports of its own: "
                    "make run VAR_DIR=… PORT=8081 SIMULATOR_PORT=8091"
                ) from None
            time.sleep(0.2)
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}".encode(), 0)
    return descriptor


def start_guardian(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process that waits for our death by the end of a pipe, even by ``kill -9``."""
    return subprocess.Popen(
        [sys.executable, "-m", "whaticket.up", "--watch-over"],
        stdin=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )


def clear_up_after_supervisor(run_dir: Path) -> int:
    """The guardian: end what a killed supervisor left, unless a new one already took over."""
    sys.stdin.buffer.read()
    descriptor = os.open(run_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, b"clearing up", 0)
    clear_leftovers(run_dir / "processes.json")
    if embedded.wanted():
        embedded.stop(run_dir.parent)
    return 0


def require_free_port(variable: str, host: str, port: int) -> None:
    """Raise Refused, naming another port, if something listens on this one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"Port {port} cannot be used: {error.strerror}. "
                f"Choose another: make run {variable}={min(port + 1, 65535)}"
            ) from error


def set_up_platform(environment: dict[str, str], stopping: StopRequest) -> dict[str, Any]:
    """Migrate, and make the demo company where there is none. Raises Refused, Interrupted."""
    child = subprocess.Popen(
        [sys.executable, "manage.py", "setup_platform"],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        text=True,
    )
    output = ""
    while True:
        try:
            output, _ = child.communicate(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            if stopping.requested:
                child.terminate()
                child.wait()
                raise Interrupted from None
    if child.returncode != 0:
        raise Refused("The tables could not be prepared; the reason stands above.")
    try:
        answer = json.loads(output.strip().splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise Refused("manage.py setup_platform did not end with its JSON line.") from error
    return dict(answer)


def revive(var_dir: Path, servers: tuple[str, ...], supervisor: Supervisor) -> None:
    """Start an embedded server again that died under the processes."""
    if not servers:
        return
    alive = embedded.alive(var_dir)
    for name in servers:
        if not alive[name]:
            supervisor.say(f"{name} ended; starting it again")
            try:
                embedded.ensure(var_dir, (name,))
            except embedded.EmbeddedError as error:
                supervisor.say(str(error))


def healthy(environment: dict[str, str]) -> bool:
    """Whether the pages and the simulator answer."""
    host = "127.0.0.1" if environment["HOST"] in {"0.0.0.0", "::"} else environment["HOST"]  # noqa: S104
    addresses = (
        f"http://{host}:{environment['PORT']}/health",
        f"http://127.0.0.1:{environment['SIMULATOR_PORT']}/api/state",
    )
    for address in addresses:
        try:
            with urllib.request.urlopen(address, timeout=3) as answer:  # noqa: S310
                if answer.status != 200:
                    return False
        except (OSError, urllib.error.URLError, ValueError):
            return False
    return True


def banner(environment: dict[str, str], demo: dict[str, Any], *, in_time: bool) -> str:
    """The one thing to read: addresses and sign-in."""
    host = environment["HOST"]
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host  # noqa: S104
    site = f"http://{shown}:{environment['PORT']}"
    simulator = f"http://localhost:{environment['SIMULATOR_PORT']}/"
    password = demo.get("password") or "(the one chosen when this data was first made)"
    rows = [
        ("Inbox", f"{site}/app/"),
        ("Simulated phones", simulator),
        ("API documentation", f"{site}/docs"),
        ("Operator pages", f"{site}/admin/"),
        ("", ""),
        ("Sign in as", str(demo.get("email") or environment["DEMO_EMAIL"])),
        ("Password", str(password)),
    ]
    lines = [f"  {label:<20}{value}".rstrip() for label, value in rows]
    title = "  Whaticket is running. Ctrl-C stops it."
    if not in_time:
        title = (
            f"  Not everything answered within {HEALTH_PATIENCE:.0f} seconds; see the lines above."
        )
    rule = "─" * max(len(line) + 2 for line in [title, *lines])
    return "\n".join(["", rule, title, "", *lines, rule, ""])


if __name__ == "__main__":
    sys.exit(main())
