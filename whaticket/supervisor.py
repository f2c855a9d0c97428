"""Keeps the processes of the Procfile running, each on its own.

honcho reads the file and prints the lines, but ends everything when one process ends; here a
process that dies is started again and the others never notice. What runs is written down, so that
whoever comes after a supervisor that was killed can clear up what it left.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shlex
import signal
import string
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from honcho.colour import get_colours
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
# A process that lived this long has recovered: its next death is the first of a new series.
RECOVERED_AFTER = 30.0


@dataclass
class Service:
    """One line of the Procfile and the process that runs it now."""

    name: str
    command: list[str]
    colour: str | None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay: float = FIRST_DELAY
    due_at: float = 0.0


def read_procfile(path: Path, environment: dict[str, str]) -> dict[str, list[str]]:
    """The commands of a Procfile by name, ``$NAME`` replaced from ``environment``.

    No shell takes part, so a service's process id is that of its program. Raises KeyError for a
    variable that is not set.
    """
    processes = parse_procfile(path.read_text()).processes
    return {
        name: shlex.split(string.Template(line).substitute(environment))
        for name, line in processes.items()
    }


class Supervisor:
    """Starts the services, restarts what dies, stops everything it started."""

    def __init__(
        self,
        commands: dict[str, list[str]],
        *,
        environment: dict[str, str],
        cwd: Path,
        record: Path,
    ) -> None:
        colours = get_colours()
        self.services = [
            Service(name, command, next(colours)) for name, command in commands.items()
        ]
        self._environment = environment
        self._cwd = cwd
        self._record = record
        self._printer = Printer(sys.stdout, width=max(map(len, [*commands, "system"])))
        self._printing = threading.Lock()

    def say(self, text: str, *, name: str = "system", colour: str | None = None) -> None:
        """Print a line as honcho does: time, name, text."""
        message = Message(
            type="line",
            data=f"{text}\n".encode(),
            time=dt.datetime.now(),  # noqa: DTZ005  (shown to the person at this terminal)
            name=name,
            colour=colour,
        )
        # The terminal may be gone, which is no reason to leave the processes alone.
        with self._printing, contextlib.suppress(OSError):
            self._printer.write(message)

    def start(self) -> None:
        """Start every service once."""
        for service in self.services:
            self._launch(service)

    def tick(self) -> None:
        """Notice deaths, and start again what is due. Call it several times a second."""
        now = time.monotonic()
        for service in self.services:
            if service.process is not None:
                status = service.process.poll()
                if status is None:
                    continue
                # Its helpers (a Celery pool) must not work on beside those of its successor.
                _signal_group(service.process.pid, signal.SIGKILL)
                service.process = None
                if now - service.started_at > RECOVERED_AFTER:
                    service.delay = FIRST_DELAY
                service.due_at = now + service.delay
                self.say(
                    f"{service.name} ended ({_outcome(status)}); "
                    f"starting it again in {service.delay:g} s"
                )
                service.delay = min(service.delay * 2, LONGEST_DELAY)
            elif now >= service.due_at:
                self._launch(service)

    def stop(self, patience: float = 10.0) -> None:
        """Ask every service to end, and kill those that have not after ``patience`` seconds."""
        living = [s.process for s in self.services if s.process is not None]
        for process in living:
            # The program itself decides how its helpers end; a signal to the group would kill
            # Celery's pool under its running tasks.
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + patience
        for process in living:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in living:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        for service in self.services:
            service.process = None
        self._record.unlink(missing_ok=True)

    def _launch(self, service: Service) -> None:
        try:
            process = subprocess.Popen(
                service.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._cwd,
                env=self._environment,
                # A session of its own: Ctrl-C reaches the supervisor alone.
                start_new_session=True,
            )
        except OSError as error:
            service.due_at = time.monotonic() + LONGEST_DELAY
            self.say(f"{service.name} cannot be started: {error}")
            return
        service.process = process
        service.started_at = time.monotonic()
        self._write_record()
        reader = threading.Thread(target=self._relay, args=(service, process), daemon=True)
        reader.start()

    def _relay(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        for line in process.stdout:
            text = line.decode(errors="replace").rstrip("\n")
            self.say(text, name=service.name, colour=service.colour)

    def _write_record(self) -> None:
        entries = []
        for service in self.services:
            if service.process is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    created = psutil.Process(service.process.pid).create_time()
                    entries.append({"pid": service.process.pid, "created": created})
        draft = self._record.with_suffix(".new")
        draft.write_text(json.dumps(entries))
        draft.replace(self._record)


def clear_leftovers(record: Path) -> int:
    """End the services a killed supervisor left running; say how many there were.

    A process counts only if it has both the number and the start time written down.
    """
    try:
        entries = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    left = []
    for entry in entries:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(entry["pid"])
            if abs(process.create_time() - entry["created"]) < 1:
                left.append(process)
                process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=10)
    for process in left if stubborn else []:
        if process.is_running():
            _signal_group(process.pid, signal.SIGKILL)
    record.unlink(missing_ok=True)
    return len(left)


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _outcome(status: int) -> str:
    if status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
