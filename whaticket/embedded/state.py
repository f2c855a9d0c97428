"""What the embedded servers of one VAR_DIR remember between runs."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path


class EmbeddedError(Exception):
    """An embedded server cannot be used; the text tells a person why and what to do."""


@dataclass
class State:
    """Names, passwords and places, chosen once per VAR_DIR and readable by its owner only."""

    var_dir: Path
    instance: str
    postgres_password: str
    valkey_password: str
    valkey_port: int
    socket_dir: str
    data_dir: str
    keep: bool = False

    @property
    def folder(self) -> Path:
        return self.var_dir / "embedded"

    @staticmethod
    def exists(var_dir: Path) -> bool:
        return (var_dir / "embedded" / "state.json").exists()

    @classmethod
    def load(cls, var_dir: Path) -> State:
        """Read the state of ``var_dir``, choosing it first if there is none."""
        path = var_dir / "embedded" / "state.json"
        try:
            if not path.exists():
                cls._choose(var_dir)
            stored = json.loads(path.read_text())
        except PermissionError as error:
            raise EmbeddedError(
                f"{path} belongs to another account ({error.strerror}). Use that account, or "
                "choose another folder with VAR_DIR."
            ) from error
        except (OSError, ValueError) as error:
            raise EmbeddedError(f"{path} cannot be used: {error}") from error
        known = {field.name for field in fields(cls)} - {"var_dir"}
        return cls(var_dir=var_dir, **{key: stored[key] for key in known})

    @classmethod
    def _choose(cls, var_dir: Path) -> None:
        from . import places

        places.make_var_dir(var_dir)
        instance = secrets.token_hex(6)
        state = cls(
            var_dir=var_dir,
            instance=instance,
            postgres_password=secrets.token_urlsafe(24),
            valkey_password=secrets.token_urlsafe(24),
            valkey_port=places.free_port(),
            socket_dir=places.choose_socket_dir(var_dir, instance),
            data_dir=places.choose_data_dir(var_dir, instance),
        )
        # The first of several processes that ask at once wins; the others read its choice.
        state.save(only_if_missing=True)

    def save(self, *, only_if_missing: bool = False) -> None:
        """Write the file in one step, so that a crash leaves the old one or the new one."""
        path = self.folder / "state.json"
        draft = path.with_name(f"state.{os.getpid()}.{secrets.token_hex(4)}")
        values = asdict(self)
        del values["var_dir"]
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(values, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        try:
            if only_if_missing:
                os.link(draft, path)
            else:
                draft.replace(path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def locked(var_dir: Path, *, patience: float = 90) -> Iterator[None]:
    """Let one process at a time start or stop the servers of ``var_dir``.

    The kernel drops the lock with its holder, so a crash leaves nothing behind.
    """
    State.load(var_dir)
    path = var_dir / "embedded" / "lock"
    deadline = time.monotonic() + patience
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedError(
                        f"Another process has held {path} for {patience:.0f} seconds."
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
