"""Where the embedded servers keep their files, and as which account they run.

PostgreSQL refuses to run as root. For a root caller it therefore runs as the machine's ``postgres``
account, or ``nobody`` where there is none (never a new account). Its data stay in VAR_DIR when that
account can reach the folder; when it cannot (a checkout under a home directory closed to others)
they are kept in ``/var/lib/whaticket/<instance>``, and the programs are copied beside them, because
opening up somebody's home directory is not ours to do. An ordinary user runs everything as
themselves, in VAR_DIR.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from .state import EmbeddedError

ROOT_STORE = Path("/var/lib/whaticket")
# sockaddr_un holds 104 bytes on macOS and 108 on Linux; PostgreSQL adds "/.s.PGSQL.5432.lock".
# A host name in a URL is case-insensitive to Python's parser, hence no capitals.
SOCKET_DIR_PATTERN = re.compile(r"/[a-z0-9._/-]{1,80}")


@dataclass(frozen=True, slots=True)
class Account:
    """The account a server runs as; ``uid`` None means the caller's own."""

    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, object]:
        """Arguments of subprocess that make the child run as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give one file or folder to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, test: str, path: Path) -> bool:
        """Whether this account passes ``test -x PATH`` and the like, asked of the kernel."""
        finished = subprocess.run(
            ["/bin/sh", "-c", 'test "$1" "$2"', "sh", test, str(path)],
            cwd="/",
            check=False,
            **self.popen_options(),  # type: ignore[call-overload]
        )
        return bool(finished.returncode == 0)


def server_account(data_dir: Path | None = None) -> Account:
    """The account PostgreSQL runs as: the caller's, or an unprivileged one if the caller is root.

    Existing data decide: their owner goes on serving them.
    """
    if os.geteuid() != 0:
        return Account()
    if data_dir is not None and data_dir.exists():
        found = data_dir.stat()
        if found.st_uid != 0:
            return Account(found.st_uid, found.st_gid)
    for name in ("postgres", "_postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        # macOS numbers nobody -2, which no system call takes as it stands.
        return Account(entry.pw_uid % 2**32, entry.pw_gid % 2**32)
    raise EmbeddedError(
        "PostgreSQL does not run as root and this machine has neither a postgres nor a nobody "
        "account. Run as an ordinary user, or set DATABASE_URL."
    )


def make_var_dir(var_dir: Path) -> None:
    """Make VAR_DIR and its folder for servers; everything secret in it has its own mode."""
    if not var_dir.exists():
        var_dir.mkdir(parents=True)
        var_dir.chmod(0o755)
    folder = var_dir / "embedded"
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def choose_data_dir(var_dir: Path, instance: str) -> str:
    """Folder of the database files: in VAR_DIR wherever the server's account can reach it."""
    inside = var_dir / "embedded"
    if server_account().can("-x", inside):
        return str(inside / "postgres")
    return str(ROOT_STORE / instance / "postgres")


def choose_socket_dir(var_dir: Path, instance: str) -> str:
    """Folder of PostgreSQL's socket: in VAR_DIR unless its path is too long for a socket."""
    inside = var_dir / "embedded" / "socket"
    if SOCKET_DIR_PATTERN.fullmatch(str(inside)) and server_account().can("-x", inside.parent):
        return str(inside)
    return f"/tmp/whaticket-{instance}"  # noqa: S108  (random name; ownership is checked before use)


def private_folder(path: Path, account: Account) -> None:
    """Make a folder only ``account`` and root can enter; refuse one that belongs to another."""
    if path.parent == ROOT_STORE / path.parent.name:
        for parent in (ROOT_STORE, path.parent):
            parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        owner = path.lstat().st_uid
        if path.is_symlink() or owner not in {os.geteuid(), account.uid}:
            raise EmbeddedError(f"{path} belongs to another account (uid {owner}).") from None
    account.own(path)
    path.chmod(0o700)


def reachable_programs(programs: Path, account: Account, version: str) -> Path:
    """``programs`` (…/pginstall/bin), or a copy of its tree in a place ``account`` can execute."""
    if account.can("-x", programs / "postgres"):
        return programs
    package = programs.parents[1]
    copy = ROOT_STORE / f"postgresql-{version}"
    if not copy.exists():
        ROOT_STORE.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = ROOT_STORE / f".postgresql-{version}.{os.getpid()}"
        # The programs look for their libraries beside the package, so the layout is kept.
        for folder in ("bin", "lib", "share"):
            shutil.copytree(
                programs.parent / folder,
                draft / package.name / "pginstall" / folder,
                symlinks=True,
            )
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        subprocess.run(["/bin/chmod", "-R", "go+rX", str(draft)], check=True)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)
    return copy / package.name / "pginstall" / "bin"


def free_port() -> int:
    """A TCP port of the loopback interface nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_children: list[subprocess.Popen[bytes]] = []


def let_go(child: subprocess.Popen[bytes]) -> None:
    """Let a server outlive the object that started it; if it ends under us, it is reaped."""
    _children.append(child)


def ended(process: psutil.Process, patience: float) -> bool:
    """Wait until the process has ended; False if it has not within ``patience`` seconds.

    A dead process nobody has reaped yet counts as ended: not every container's first process reaps.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        _children[:] = [child for child in _children if child.poll() is None]
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def rotate(log: Path, limit: int = 10_000_000) -> None:
    """Keep one earlier log once the current one has grown past ``limit`` bytes."""
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".old"))


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
