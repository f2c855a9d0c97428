"""The production files describe processes that really start."""

import contextlib
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

from whaticket.supervisor import read_procfile

pytestmark = pytest.mark.system
ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
PYTHON = {name: entry for name, entry in SERVICES.items() if entry.get("build")}
LASTING = sorted(set(PYTHON) - {"setup"})
PROCFILE = (ROOT / "Procfile").read_text()
BIN = Path(sys.executable).parent
# Long enough for imports on a busy machine; a process that fails does so within it.
PATIENCE = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """What the containers get, with the test run's servers in the place of theirs."""
    values = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "DEMO_EMAIL": "admin@example.com",
        "DEMO_PASSWORD": "correct horse battery",
        "SIMULATOR_PORT": str(free_port()),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
    }
    # Not pytest-django's database: these processes see what is committed.
    values["VAR_DIR"] = str(tmp_path_factory.mktemp("deploy"))
    # Tasks of this installation are no business of another test's worker.
    values["REDIS_URL"] = values["REDIS_URL"].rsplit("/", 1)[0] + "/63"
    return values


@pytest.fixture(scope="module")
def installed(environment):
    """An installation after the compose file's own set-up step."""
    finished = subprocess.run(
        command_of("setup"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr[-4000:]
    assert "correct horse" not in finished.stdout + finished.stderr
    return environment


def command_of(name):
    command = SERVICES[name]["command"]
    return command if isinstance(command, list) else shlex.split(command)


class Running:
    """A started process and what it has said."""

    def __init__(self, command, environment, log):
        self.log = log
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.said()[-4000:]
            if condition():
                return
            time.sleep(0.2)
        raise AssertionError(f"not healthy after {PATIENCE} s:\n{self.said()[-4000:]}")

    def end(self):
        """End it as Docker does; say how it ended."""
        self.process.terminate()
        try:
            return self.process.wait(30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:
            return answer.status == 200
    except OSError:
        return False


def is_healthy(name, running, command, environment):
    """Ready by the same signs the compose file and an operator look at."""
    text = " ".join(command)
    if "daphne" in text or "granian" in text:
        return answers(f"http://127.0.0.1:{environment['PORT']}/health/live")
    if "run_simulator" in text:
        return answers(f"http://127.0.0.1:{environment['SIMULATOR_PORT']}/api/state")
    if " worker" in text:
        return " ready." in running.said()
    if " beat" in text:
        return "beat: Starting" in running.said()
    # A session worker has nothing to say until there are sessions: it lives, and stays.
    return time.monotonic() - running.started > 5


def start_and_judge(name, command, environment, tmp_path):
    running = Running(command, environment, tmp_path / f"{name}.log")
    running.started = time.monotonic()
    try:
        running.wait_until(lambda: is_healthy(name, running, command, environment))
        assert "Traceback" not in running.said(), running.said()[-4000:]
    finally:
        code = running.end()
    assert code in {0, -15}, f"ended with {code}:\n{running.said()[-4000:]}"


@pytest.mark.parametrize("name", LASTING)
def test_each_container_s_command_comes_up_and_ends_when_asked(name, installed, tmp_path):
    own = PYTHON[name]["environment"].items() - PYTHON["setup"]["environment"].items()
    environment = {**installed, **dict(own), "PORT": str(free_port())}
    command = [
        re.sub(r"^0\.0\.0\.0(:8000)?$", lambda m: "127.0.0.1" + (":8000" if m[1] else ""), part)
        for part in command_of(name)
    ]
    command = [re.sub(r"\b8000$", environment["PORT"], part) for part in command]
    start_and_judge(name, command, environment, tmp_path)


@pytest.mark.parametrize("name", re.findall(r"^(\w+):", PROCFILE, re.MULTILINE))
def test_each_process_of_the_procfile_comes_up_and_ends_when_asked(name, installed, tmp_path):
    environment = {**installed, "PORT": str(free_port()), "SIMULATOR_PORT": str(free_port())}
    command = read_procfile(ROOT / "Procfile", environment)[name]
    start_and_judge(name, command, environment, tmp_path)


def test_set_up_may_run_again_and_tells_the_sign_in(installed):
    finished = subprocess.run(
        [sys.executable, "manage.py", "setup_platform", "--no-demo"],
        cwd=ROOT,
        env=installed,
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(finished.stdout.strip().splitlines()[-1])
    assert answer["email"] == "admin@example.com"
    assert answer["password"] == "correct horse battery"


def test_production_runs_what_design_asks_for():
    assert set(SERVICES) == {
        "setup", "web", "reads", "rest", "worker", "beat", "whatsapp", "postgres", "valkey",
        "proxy",
    }  # fmt: skip
    assert set(PYTHON) == {"setup", "web", "reads", "rest", "worker", "beat", "whatsapp"}


def test_only_the_proxy_is_reachable_from_outside():
    assert [name for name, entry in SERVICES.items() if "ports" in entry] == ["proxy"]


def test_every_container_comes_back_after_a_crash():
    assert {name: entry["restart"] for name, entry in SERVICES.items() if name != "setup"} == (
        dict.fromkeys(set(SERVICES) - {"setup"}, "unless-stopped")
    )


def test_no_process_starts_before_the_tables_are_ready():
    for name in LASTING:
        assert (
            SERVICES[name]["depends_on"]["setup"]["condition"] == "service_completed_successfully"
        )
    for server in ("postgres", "valkey"):
        assert SERVICES["setup"]["depends_on"][server]["condition"] == "service_healthy"
        assert SERVICES[server]["healthcheck"]["test"]


def test_all_processes_share_the_data_volume():
    assert {tuple(PYTHON[name]["volumes"]) for name in PYTHON} == {("data:/data",)}
    assert "data" in COMPOSE["volumes"]


def test_secrets_have_no_default_in_the_compose_file():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"\$\{(\w+)", text):
        assert re.search(rf"\$\{{{name}:\?", text), name


def test_the_proxy_sends_pages_and_sockets_to_daphne_and_the_rest_to_the_workers():
    caddyfile = (ROOT / "deploy/Caddyfile").read_text()
    matcher, pages = re.search(r"(@\w+) path (.+)", caddyfile).groups()
    for prefix in ("/app", "/admin", "/ws", "/socket.io", "/docs", "/schema", "/static"):
        assert f"{prefix}/*" in pages.split()
    assert f"reverse_proxy {matcher} web:8000" in caddyfile
    assert caddyfile.index("@pages web:8000") < caddyfile.index("@reads reads:8000")
    assert caddyfile.index("@reads reads:8000") < caddyfile.index("reverse_proxy rest:8000")


def test_the_image_runs_as_an_ordinary_account_from_the_hashed_lock():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert dockerfile.count("FROM ") == 2
    assert "--require-hashes -r /tmp/requirements.txt" in dockerfile
    assert dockerfile.index("USER whaticket") < dockerfile.index("CMD ")
