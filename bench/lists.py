"""Reads over HTTP: the lists and searches of an inbox, under REST workers as in production.

The server is Granian as docker-compose.yml has it, the load comes from this process, PostgreSQL is
the embedded one: all on the same cores, as the numbers of the backend this replaces were taken.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.load import request_bytes, run_load

ROOT = Path(__file__).parents[1]
CLIENTS = 16
# As docker-compose.yml has them.
WORKERS = 2
THREADS = 2

# Requests per second of the Node.js backend on such a machine and data, one process.
BEFORE = {
    "tickets open": 73,
    "tickets pending": 56,
    "tickets closed": 5.4,
    "search by name": 3.5,
    "search in messages": 0.7,
    "messages of a ticket": 93,
    "contacts search": 52,
    "ticket by id": 138,
    "kanban": 15,
}
# How many times that is wanted.
WANTED = {
    "tickets open": 10,
    "tickets pending": 10,
    "tickets closed": 100,
    "search by name": 100,
    "search in messages": 100,
    "messages of a ticket": 10,
    "contacts search": 10,
    "ticket by id": 5,
    "kanban": 10,
}


@contextmanager
def rest_workers() -> Iterator[int]:
    """Serve the product and the yardstick with Granian; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "granian",
            "--interface=wsgi",
            "--no-ws",
            f"--workers={WORKERS}",
            f"--blocking-threads={THREADS}",
            "--host=127.0.0.1",
            f"--port={port}",
            "--log-level=warning",
            "whaticket.wsgi:application",
        ],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "bench.settings", "DB_POOL_MAX": "0"},
    )
    try:
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2):
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(15)


def seed(name: str, times: int) -> dict[str, Any]:
    """Make a company with sample data in a process of its own."""
    output = subprocess.run(
        [sys.executable, "-m", "bench.seed", "--name", name, "--times", str(times)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return json.loads(output.strip().splitlines()[-1])


def sign_in(port: int, email: str, password: str) -> str:
    """Sign in over HTTP; give the access token."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/auth/login",
        data=json.dumps({"email": email, "password": password}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["token"]


def paths(company_id: int) -> dict[str, list[str]]:
    """Give the addresses of each benchmark, spread over rows so that no cache answers for all."""
    from tickets.models import Ticket
    from whaticket.tenancy import in_company

    with in_company(company_id):
        rows = list(Ticket.objects.order_by("-id").values_list("pk", "uuid")[:400])
    queues = "queueIds=%5B1%2C2%2C3%2C4%2C5%2C6%2C7%2C8%5D&showAll=true"
    names = ["carla", "joao", "conceicao", "guimaraes", "heitor", "ximena", "zelia", "araujo"]
    words = ["boleto", "garantia", "estoque", "bacedi", "desconto", "fogujale", "frete", "cartao"]
    return {
        "tickets open": [f"/tickets?status=open&pageNumber=1&{queues}"],
        "tickets pending": [f"/tickets?status=pending&pageNumber=1&{queues}"],
        "tickets closed": [f"/tickets?status=closed&pageNumber=1&{queues}"],
        "search by name": [f"/tickets?status=search&searchParam={n}&{queues}" for n in names],
        "search in messages": [
            f"/tickets?status=search&searchParam={w}&searchOnMessages=true&{queues}" for w in words
        ],
        "messages of a ticket": [f"/messages/{uuid}?pageNumber=1" for _pk, uuid in rows],
        "contacts search": [f"/contacts?searchParam={n}&pageNumber=1" for n in names],
        "ticket by id": [f"/tickets/{pk}" for pk, _uuid in rows],
        "kanban": [f"/ticket/kanban?pageNumber=1&{queues}"],
        # What else a client asks for all day; nobody measured these of the old backend.
        "contacts": ["/contacts?pageNumber=1&searchParam="],
        "people": ["/users?pageNumber=1"],
        "queues": ["/queue"],
        "tags": ["/tags/list"],
        "settings": ["/settings"],
        "quick messages": ["/quick-messages/list"],
        "notes": [f"/ticket-notes/list?ticketId={pk}" for pk, _uuid in rows],
        "team chats": ["/chats?pageNumber=1"],
        "report": ["/ticketreport/reports?page=1&pageSize=20"],
        "dashboard": ["/dashboard?days=30"],
    }


def measure(port: int, company: dict[str, Any], *, seconds: float) -> list[dict[str, Any]]:
    """Ask every address for some seconds; give a row each, with the ratio to the yardstick."""
    token = sign_in(port, company["admin"], company["password"])
    naive = run_load(
        "naive DRF page",
        port,
        [request_bytes("/naive/tickets/?status=open", token)],
        seconds=seconds,
        clients=CLIENTS,
    )
    rows = [naive.as_row()]
    for name, addresses in paths(company["company"]).items():
        result = run_load(
            name,
            port,
            [request_bytes(path, token) for path in addresses],
            seconds=seconds,
            clients=CLIENTS,
        )
        row = result.as_row()
        row["times_naive"] = round(result.rate / naive.rate, 1) if naive.rate else None
        if name in BEFORE:
            row["times_before"] = round(result.rate / BEFORE[name], 1)
            row["wanted_per_second"] = round(BEFORE[name] * WANTED[name])
        rows.append(row)
    return rows
