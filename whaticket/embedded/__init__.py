"""PostgreSQL and Valkey from their wheels, for machines where nobody installed either.

Used where ``DATABASE_URL`` or ``REDIS_URL`` is unset. Everything lives under ``VAR_DIR/embedded``;
``postgres.py`` tells what is different when root is the caller. This package imports no Django, so
that settings may ask it for addresses.

- ``urls()`` gives the addresses and starts nothing;
- ``ensure()`` starts what is not running and makes the database;
- ``stop()`` stops what ``ensure()`` started, unless somebody asked for it to be kept;
- ``guard_command()`` lets ``manage.py`` say plainly that the servers are down.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from . import postgres, valkey
from .state import EmbeddedError, State, locked

__all__ = [
    "EmbeddedError",
    "Urls",
    "alive",
    "complaint",
    "default_var_dir",
    "discard",
    "ensure",
    "guard_command",
    "running",
    "stop",
    "urls",
    "wanted",
]

POSTGRES, VALKEY = "postgres", "valkey"

# These read code only; anything else may need the database.
OFFLINE_COMMANDS = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "run_simulator",
    "spectacular",
    "startapp",
    "version",
}


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses of the embedded servers, and which of them this call had to start."""

    database_url: str
    redis_url: str
    started: tuple[str, ...] = ()


def default_var_dir() -> Path:
    """``VAR_DIR``, or ``var`` beside the code."""
    given = os.environ.get("VAR_DIR")
    return Path(given).expanduser().resolve() if given else Path(__file__).parents[2] / "var"


def wanted() -> tuple[str, ...]:
    """The embedded servers this environment relies on, by name."""
    names = []
    if not os.environ.get("DATABASE_URL"):
        names.append(POSTGRES)
    if not os.environ.get("REDIS_URL"):
        names.append(VALKEY)
    return tuple(names)


def urls(var_dir: Path | None = None) -> Urls:
    """Addresses of the embedded servers of ``var_dir``, running or not.

    They are chosen once and stay the same over restarts. Raises EmbeddedError where the folder
    cannot be read or written.
    """
    state = State.load(var_dir or default_var_dir())
    return Urls(postgres.url(state), valkey.url(state))


def ensure(
    var_dir: Path | None = None,
    names: tuple[str, ...] = (POSTGRES, VALKEY),
    *,
    throwaway: bool = False,
    keep: bool | None = None,
) -> Urls:
    """Start those of ``names`` that do not answer, and wait until they do.

    ``throwaway`` trades durability for speed and is meant for test runs only. ``keep`` True makes
    ``stop()`` leave the servers alone until it is called with ``force``. Raises EmbeddedError with
    the reason, and the end of the server's log, if one cannot be started.
    """
    var_dir = var_dir or default_var_dir()
    started = []
    with locked(var_dir):
        state = State.load(var_dir)
        if POSTGRES in names and postgres.start(state, throwaway=throwaway):
            started.append(POSTGRES)
        if VALKEY in names and valkey.start(state):
            started.append(VALKEY)
        if keep is not None and keep != state.keep:
            state.keep = keep
            state.save()
    return Urls(postgres.url(state), valkey.url(state), tuple(started))


def stop(var_dir: Path | None = None, *, force: bool = False) -> bool:
    """Stop the servers of ``var_dir``; say whether they are down now.

    Servers started to be kept (``python -m whaticket.embedded start``) stay, unless ``force``.
    """
    var_dir = var_dir or default_var_dir()
    if not State.exists(var_dir):
        return True
    with locked(var_dir):
        state = State.load(var_dir)
        if state.keep and not force:
            return False
        valkey.stop(state)
        postgres.stop(state)
        if state.keep:
            state.keep = False
            state.save()
    return True


def discard(var_dir: Path) -> None:
    """Stop the servers of ``var_dir`` and delete the folder and all data, wherever they lie."""
    if State.exists(var_dir):
        stop(var_dir, force=True)
        store = Path(State.load(var_dir).data_dir).parent
        if not store.is_relative_to(var_dir):
            shutil.rmtree(store, ignore_errors=True)
    shutil.rmtree(var_dir, ignore_errors=True)


def running(var_dir: Path | None = None) -> dict[str, bool]:
    """Which servers answer right now."""
    var_dir = var_dir or default_var_dir()
    if not State.exists(var_dir):
        return {POSTGRES: False, VALKEY: False}
    state = State.load(var_dir)
    return {POSTGRES: postgres.answers(state), VALKEY: valkey.answers(state)}


def alive(var_dir: Path | None = None) -> dict[str, bool]:
    """Which servers have a living process: cheap, and true of a busy one too."""
    state = State.load(var_dir or default_var_dir())
    return {
        POSTGRES: postgres.find(state) is not None,
        VALKEY: valkey.find(state) is not None,
    }


def complaint(var_dir: Path | None = None) -> str | None:
    """One sentence for a person when a server this environment relies on is down, else None."""
    names = wanted()
    if not names:
        return None
    up = running(var_dir)
    labels = {POSTGRES: "database", VALKEY: "cache"}
    down = [labels[name] for name in names if not up[name]]
    if not down:
        return None
    verb = "is" if len(down) == 1 else "are"
    return (
        f"The embedded {' and '.join(down)} {verb} not running: "
        "make run, or python -m whaticket.embedded start"
    )


def guard_command(argv: list[str]) -> None:
    """Exit with a plain sentence if ``manage.py`` is asked for what needs a dead server."""
    command = argv[1] if len(argv) > 1 else "help"
    if command in OFFLINE_COMMANDS or {"-h", "--help"} & set(argv[1:]):
        return
    if sentence := complaint():
        sys.exit(sentence)
