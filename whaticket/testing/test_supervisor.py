"""Processes are restarted one by one, and nothing outlives its supervisor."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from whaticket import supervisor as supervising
from whaticket import up
from whaticket.supervisor import Supervisor, clear_leftovers, read_procfile

ROOT = Path(__file__).parents[2]
FOREVER = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(600)"]


@pytest.fixture
def supervise(tmp_path):
    """Start a supervisor over the given commands; stop it afterwards."""
    started = []

    def start(**commands):
        supervisor = Supervisor(
            commands, environment=dict(os.environ), cwd=tmp_path, record=tmp_path / "processes.json"
        )
        started.append(supervisor)
        supervisor.start()
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


def pids(supervisor):
    return {s.name: s.process.pid for s in supervisor.services if s.process is not None}


def tick_until(supervisor, condition, patience=10):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        supervisor.tick()
        time.sleep(0.02)


def test_a_killed_process_comes_back_and_its_neighbour_never_notices(supervise):
    supervisor = supervise(web=FOREVER, worker=FOREVER)
    before = pids(supervisor)
    os.kill(before["web"], signal.SIGKILL)

    tick_until(supervisor, lambda: pids(supervisor).get("web") not in {None, before["web"]})

    assert pids(supervisor)["worker"] == before["worker"]


def test_each_death_in_a_row_is_waited_for_longer(supervise, capsys):
    supervisor = supervise(web=[sys.executable, "-c", "raise SystemExit(3)"])
    tick_until(supervisor, lambda: supervisor.services[0].delay >= 4 * supervising.FIRST_DELAY)
    output = capsys.readouterr().out
    assert "web ended (exit status 3); starting it again in 0.5 s" in output
    assert "web ended (exit status 3); starting it again in 1 s" in output


def test_a_program_that_is_missing_is_named(supervise, capsys):
    supervise(web=["/no/such/program"], worker=FOREVER)
    assert "web cannot be started: " in capsys.readouterr().out


def test_what_processes_print_is_shown_under_their_name(supervise, capsys):
    supervise(worker=FOREVER)
    shown = ""
    deadline = time.monotonic() + 10
    while "ready" not in shown and time.monotonic() < deadline:
        time.sleep(0.02)
        shown += capsys.readouterr().out
    assert "worker | ready" in shown


def test_stop_kills_what_does_not_listen(supervise, tmp_path):
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    supervisor = supervise(deaf=[sys.executable, "-c", deaf])
    pid = pids(supervisor)["deaf"]
    time.sleep(0.5)
    supervisor.stop(patience=0.2)
    assert not psutil.pid_exists(pid)
    assert not (tmp_path / "processes.json").exists()


def test_helpers_of_a_dead_process_do_not_work_on(supervise, tmp_path):
    helper = tmp_path / "helper"
    program = (
        "import subprocess, sys, pathlib, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"path = pathlib.Path({str(helper)!r})\n"
        "path.with_suffix('.new').write_text(str(child.pid))\n"
        "path.with_suffix('.new').rename(path)\n"
        "time.sleep(600)\n"
    )
    supervisor = supervise(worker=[sys.executable, "-c", program])
    tick_until(supervisor, helper.exists)
    orphan = psutil.Process(int(helper.read_text()))
    os.kill(pids(supervisor)["worker"], signal.SIGKILL)
    tick_until(
        supervisor,
        lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE,
    )


def test_leftovers_are_ended_and_strangers_with_their_numbers_are_not(tmp_path):
    ours, stranger = (subprocess.Popen(FOREVER, start_new_session=True) for _ in range(2))
    record = tmp_path / "processes.json"
    created = psutil.Process(ours.pid).create_time()
    record.write_text(
        json.dumps([{"pid": ours.pid, "created": created}, {"pid": stranger.pid, "created": 1.0}])
    )
    try:
        assert clear_leftovers(record) == 1
        assert not psutil.pid_exists(ours.pid)
        assert stranger.poll() is None
        assert clear_leftovers(record) == 0
    finally:
        stranger.kill()
        stranger.wait()


def test_the_procfile_takes_its_values_from_the_environment(tmp_path):
    (tmp_path / "Procfile").write_text("web: serve --port $PORT 'two words'\n")
    found = read_procfile(tmp_path / "Procfile", {"PORT": "81"})
    assert found == {"web": ["serve", "--port", "81", "two words"]}
    with pytest.raises(KeyError, match="PORT"):
        read_procfile(tmp_path / "Procfile", {})


def test_a_busy_port_is_named_with_the_way_to_choose_another():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(up.Refused, match=rf"Port {port} .* make run PORT={port + 1}"):
            up.require_free_port("PORT", "127.0.0.1", port)


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch, tmp_path, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(up.Refused, match=f"PORT={port} is not a port number"):
        up.environment_of_processes(tmp_path)


def test_the_demo_password_is_made_once_and_closed_to_others(tmp_path, monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    first = up.environment_of_processes(tmp_path)["DEMO_PASSWORD"]
    assert up.environment_of_processes(tmp_path)["DEMO_PASSWORD"] == first
    assert (tmp_path / "demo-password").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("DEMO_PASSWORD", "chosen by me")
    assert up.environment_of_processes(tmp_path)["DEMO_PASSWORD"] == "chosen by me"


def test_a_second_run_from_the_same_folder_is_refused(tmp_path):
    lock = up.only_one(tmp_path)
    script = (
        f"from pathlib import Path; from whaticket import up; up.only_one(Path({str(tmp_path)!r}))"
    )
    second = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    os.close(lock)
    assert f"already runs from this folder (process {os.getpid()})" in second.stderr
    os.close(up.only_one(tmp_path))
