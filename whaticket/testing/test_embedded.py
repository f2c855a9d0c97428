"""The embedded servers: found again, not shared, never blocked by a crash, closed to strangers."""

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from whaticket import embedded
from whaticket.embedded import places, postgres, valkey
from whaticket.embedded.state import State

pytestmark = pytest.mark.system
ROOT = Path(__file__).parents[2]


@pytest.fixture
def var_dir():
    """A VAR_DIR the database's account can reach, stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="whaticket-test-") as folder:
        # A root caller's database runs as another account, which must get through.
        Path(folder).chmod(0o711)
        yield Path(folder) / "var"
        embedded.discard(Path(folder) / "var")


def ask(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def crash(state):
    """Kill both servers as a power cut would, leaving their lock files."""
    for process in (postgres.find(state), valkey.find(state)):
        process.kill()
        assert places.ended(process, 10)


def test_addresses_are_known_and_stay_the_same_before_anything_runs(var_dir):
    first = embedded.urls(var_dir)
    assert embedded.urls(var_dir) == first
    assert embedded.running(var_dir) == {"postgres": False, "valkey": False}


def test_a_second_start_finds_the_data_again(var_dir):
    urls = embedded.ensure(var_dir, throwaway=True)
    assert urls.started == ("postgres", "valkey")
    ask(urls.database_url, "CREATE TABLE kept AS SELECT 7 AS value")
    embedded.stop(var_dir)
    assert embedded.running(var_dir) == {"postgres": False, "valkey": False}

    again = embedded.ensure(var_dir, throwaway=True)

    assert again.database_url == urls.database_url
    assert ask(again.database_url, "SELECT value FROM kept") == 7


def test_what_already_runs_is_not_started_again(var_dir):
    embedded.ensure(var_dir, throwaway=True)
    assert embedded.ensure(var_dir, throwaway=True).started == ()


def test_a_crash_does_not_block_the_next_start(var_dir):
    urls = embedded.ensure(var_dir, throwaway=True)
    crash(State.load(var_dir))

    assert embedded.ensure(var_dir, throwaway=True).started == ("postgres", "valkey")
    assert ask(urls.database_url, "SELECT 1") == 1


def test_a_lock_file_whose_number_is_now_another_program_blocks_nothing(var_dir):
    embedded.ensure(var_dir, throwaway=True)
    state = State.load(var_dir)
    crash(state)
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        for path in (Path(state.data_dir) / "postmaster.pid", state.folder / "valkey.pid"):
            lines = path.read_text().split("\n")
            path.write_text("\n".join([str(bystander.pid), *lines[1:]]))

        assert embedded.ensure(var_dir, throwaway=True).started == ("postgres", "valkey")
        embedded.stop(var_dir)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_half_made_database_folder_is_made_anew(var_dir):
    embedded.urls(var_dir)
    draft = Path(State.load(var_dir).data_dir).with_name("postgres.new")
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    assert "postgres" in embedded.ensure(var_dir, throwaway=True).started


def test_data_of_another_major_version_are_refused_with_a_way_out(var_dir):
    embedded.ensure(var_dir, throwaway=True)
    embedded.stop(var_dir)
    (Path(State.load(var_dir).data_dir) / "PG_VERSION").write_text("12\n")
    with pytest.raises(embedded.EmbeddedError, match=r"PostgreSQL 12.*docs/operations\.md"):
        embedded.ensure(var_dir, throwaway=True)


def test_valkey_moves_when_another_program_took_its_port(var_dir):
    before = embedded.urls(var_dir)
    port = State.load(var_dir).valkey_port
    with contextlib.closing(socket.create_server(("127.0.0.1", port))):
        after = embedded.ensure(var_dir, ("valkey",))
    assert after.redis_url != before.redis_url
    assert embedded.urls(var_dir).redis_url == after.redis_url
    assert redis.Redis.from_url(after.redis_url).ping()


def test_two_folders_have_servers_of_their_own(var_dir):
    other = var_dir.with_name("other")
    one = embedded.ensure(var_dir, ("valkey",))
    two = embedded.ensure(other, ("valkey",))
    try:
        redis.Redis.from_url(one.redis_url).set("whose", "one")
        assert redis.Redis.from_url(two.redis_url).get("whose") is None
    finally:
        embedded.stop(other)
    assert embedded.running(var_dir)["valkey"]


def test_kept_servers_stay_until_they_are_told_to_go(var_dir):
    embedded.ensure(var_dir, ("valkey",), keep=True)
    assert not embedded.stop(var_dir)
    assert embedded.running(var_dir)["valkey"]
    assert embedded.stop(var_dir, force=True)
    assert not embedded.running(var_dir)["valkey"]


def test_nobody_connects_without_the_password(var_dir):
    urls = embedded.ensure(var_dir, throwaway=True)
    state = State.load(var_dir)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(urls.database_url.replace(state.postgres_password, "guess"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=state.valkey_port, password=None).ping()
    assert ask(urls.database_url, "SHOW listen_addresses") == ""
    assert stat.S_IMODE((state.folder / "state.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(state.socket_dir).stat().st_mode) == 0o700
    arguments = " ".join(valkey.find(state).cmdline())
    assert state.valkey_password not in arguments


def test_data_are_durable_outside_test_runs(var_dir):
    url = embedded.ensure(var_dir, ("postgres",)).database_url
    assert ask(url, "SHOW fsync") == "on"
    assert ask(url, "SHOW synchronous_commit") == "on"
    assert ask(url, "SHOW full_page_writes") == "on"


def test_the_database_never_runs_as_root(var_dir):
    embedded.ensure(var_dir, ("postgres",), throwaway=True)
    assert postgres.find(State.load(var_dir)).uids().real != 0


def test_a_closed_home_directory_stays_closed(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    embedded.ensure(home / "var", ("postgres",), throwaway=True)
    state = State.load(home / "var")
    try:
        assert postgres.answers(state)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        # Only root's database, which is another account's process, has to live elsewhere.
        assert state.data_dir.startswith(str(home)) == (os.geteuid() != 0)
    finally:
        embedded.discard(home / "var")
    assert not Path(state.data_dir).exists()
    assert not Path(state.socket_dir).exists()


def test_a_damaged_memory_is_reported_in_plain_words(tmp_path):
    embedded.urls(tmp_path)
    (tmp_path / "embedded" / "state.json").write_text("{")
    with pytest.raises(embedded.EmbeddedError, match=r"state\.json cannot be used"):
        embedded.urls(tmp_path)


@pytest.mark.parametrize(
    ("command", "refused"),
    [("migrate", True), ("shell", True), ("makemessages", False), ("spectacular", False)],
)
def test_commands_that_need_a_dead_server_say_so(var_dir, monkeypatch, command, refused):
    monkeypatch.setenv("VAR_DIR", str(var_dir))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    if not refused:
        embedded.guard_command(["manage.py", command])
        return
    with pytest.raises(SystemExit, match="database and cache are not running: make run, or"):
        embedded.guard_command(["manage.py", command])


def test_given_addresses_need_no_embedded_server(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://example/db")
    monkeypatch.setenv("REDIS_URL", "redis://example/0")
    assert embedded.wanted() == ()
    embedded.guard_command(["manage.py", "migrate"])


def test_servers_of_a_killed_test_run_are_removed(tmp_path):
    script = (
        "import json, os, time\n"
        "from whaticket.testing.servers import throwaway_servers\n"
        "with throwaway_servers():\n"
        "    print(os.environ['VAR_DIR'], flush=True)\n"
        "    time.sleep(600)\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WHATICKET_TEST")}
    run = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment
    )
    folder = Path(run.stdout.readline().strip())
    state = json.loads((folder / "embedded" / "state.json").read_text())
    server = psutil.Process(
        int((Path(state["data_dir"]) / "postmaster.pid").read_text().split("\n")[0])
    )

    run.kill()
    run.wait()

    assert places.ended(server, 30)
    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not folder.exists()
