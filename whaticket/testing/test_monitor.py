"""The task monitor: who may see it, what it shows, and that a failed task is tried again once."""

import base64
import threading
import time
from datetime import timedelta

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.test import Client
from django.utils import timezone

from accounts.models import User
from dispatch.models import Agenda, Inbox, Outbox, SessionLease
from events.realtime import valkey
from whaticket import workers
from whaticket.monitor import failures
from whaticket.monitor.reading import read_state, read_workers
from whaticket.schedule import apply_schedule
from whaticket.tenancy import leave_company

PAGE = "/admin/queues"
TASK = "dispatch.tasks.sweep_agenda"


def basic(name="board", password="open sesame"):
    told = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {told}"}


@pytest.fixture(autouse=True)
def board(settings, db):
    leave_company()
    settings.BULL_BOARD, settings.BULL_USER, settings.BULL_PASS = True, "board", "open sesame"
    valkey().delete(failures.KEY, workers.KEY, f"{failures.KEY}:retry:t1")
    yield
    valkey().delete(failures.KEY, workers.KEY, f"{failures.KEY}:retry:t1")


@pytest.fixture
def broker_queue():
    """The list that a task sent from here lands in, as it was before."""
    name = current_app.conf.task_default_queue
    before = valkey().llen(name)
    yield lambda: valkey().llen(name) - before
    for _ in range(valkey().llen(name) - before):
        valkey().lpop(name)


def fail(task_id="t1", name=TASK, args=(), kwargs=None, error=None):
    """Have a task fail as a worker would tell."""

    class Sender:
        pass

    Sender.name = name
    try:
        raise error or ValueError("the customer's number is 5511999999999")
    except Exception as caught:
        failures.note_failure(
            sender=Sender,
            task_id=task_id,
            exception=caught,
            args=args,
            kwargs=kwargs,
            traceback=caught.__traceback__,
        )


def as_json(**more):
    return Client().get(PAGE, headers={"Accept": "application/json", **basic(), **more})


def test_it_is_not_there_unless_switched_on(settings):
    settings.BULL_BOARD = False
    assert Client().get(PAGE, headers=basic()).status_code == 404


@pytest.mark.parametrize("unset", ["BULL_USER", "BULL_PASS"])
def test_without_name_or_password_it_refuses_everybody(settings, unset):
    setattr(settings, unset, "")
    for name, password in (("board", "open sesame"), ("", ""), ("board", ""), ("", "open sesame")):
        assert Client().get(PAGE, headers=basic(name, password)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("board", "wrong"),
        basic("other", "open sesame"),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic ÿ"},
        {"Authorization": "Bearer board:open sesame"},
        {"Authorization": "Basic"},
    ],
)
def test_only_name_and_password_open_it(headers):
    answer = Client().get(PAGE, headers=headers)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Basic ")
    assert answer.json() == {"error": "ERR_NO_PERMISSION"}


def test_an_operators_sign_in_does_not_open_it(cast):
    User.objects.filter(pk=cast.rui.pk).update(is_super=True)
    leave_company()
    client = Client()
    client.force_login(cast.rui, backend="accounts.backends.EmailBackend")
    assert client.get(PAGE).status_code == 401


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/", "/Admin/Queues"])
def test_it_stands_at_its_path_before_the_operators_pages(path):
    answer = Client().get(path, headers=basic())
    assert answer.status_code == 200
    assert b'hx-get="/admin/queues"' in answer.content
    assert answer["Cache-Control"].count("no-store") == 1


def test_it_shows_work_of_all_companies(db):
    now = timezone.now()
    apply_schedule()
    for state, count in (("queued", 2), ("held", 1)):
        for _ in range(count):
            Outbox.objects.create(company_id=1, connection_id=1, chat="c", state=state)
    Inbox.objects.create(
        company_id=1, connection_id=1, event_id=1, created_at=now - timedelta(minutes=5)
    )
    for number, minutes in enumerate((-5, 0, 60)):
        due = now + timedelta(minutes=minutes)
        Agenda.objects.create(company_id=2, kind="x", object_id=number, due_at=due)
    SessionLease.objects.create(company_id=1, connection_id=1)
    SessionLease.objects.create(company_id=1, connection_id=2, owner="a", heartbeat_at=now)
    told = as_json().json()
    assert (told["outbox"]["queued"], told["outbox"]["held"]) == (2, 1)
    assert (told["inbound"]["waiting"], told["inbound"]["late"]) == (1, 1)
    agenda = told["agenda"]
    assert (agenda["planned"], agenda["due"], agenda["late"]) == (3, 2, 1)
    assert told["sessions"] == {"wanted": 2, "running": 1, "silent": 1}
    assert TASK in {entry["task"] for entry in told["clock"]}
    assert told["problems"] == []
    assert told["workers"] == []


def test_it_counts_what_waits_in_the_broker(broker_queue):
    def waiting():
        return {row["name"]: row["waiting"] for row in as_json().json()["queues"]}

    name = current_app.conf.task_default_queue
    before = waiting()
    current_app.send_task(TASK)
    assert waiting()[name] == before[name] + 1
    assert "taken by workers" in before


def test_what_does_not_answer_is_said(monkeypatch):
    from whaticket.monitor import reading

    def away():
        raise ConnectionError

    monkeypatch.setitem(reading._PARTS, "queues", away)
    state = read_state()
    assert state["queues"] is None
    assert state["problems"] == ["queues: ConnectionError"]


def test_a_failure_is_kept_without_its_words():
    fail(args=("company_1", 7))
    (row,) = as_json().json()["failures"]
    assert (row["task"], row["args"], row["error"]) == (TASK, ["company_1", 7], "ValueError")
    assert row["where"].startswith("whaticket/testing/test_monitor.py:")
    raw = b"".join(valkey().zrange(failures.KEY, 0, -1))
    assert b"5511999999999" not in raw
    page = Client().get(PAGE, headers=basic()).content
    assert TASK.encode() in page
    assert b"5511999999999" not in page


def test_a_domain_error_is_named_by_its_code():
    from whaticket.exceptions import NoPermission

    fail(error=NoPermission())
    assert failures.recent_failures()[0].error == "NoPermission ERR_NO_PERMISSION"


def test_the_list_is_short_and_of_the_last_day(monkeypatch):
    monkeypatch.setattr(failures, "MOST", 3)
    long_ago = time.time() - 2 * failures.DAY
    valkey().zadd(failures.KEY, {b"{}": long_ago})
    for number in range(5):
        fail(f"t{number}")
    assert [row.id for row in failures.recent_failures()] == ["t4", "t3", "t2"]
    assert valkey().zcard(failures.KEY) == 3


def test_a_failed_task_is_queued_again_once(broker_queue):
    fail(args=[])
    client = Client(headers=basic())
    answer = client.post(PAGE, {"retry": "t1"})
    assert answer["Location"] == f"{PAGE}?said=retried"
    assert client.post(PAGE, {"retry": "t1"})["Location"] == f"{PAGE}?said=gone"
    assert broker_queue() == 1
    assert failures.recent_failures() == []
    page = client.get(f"{PAGE}?said=retried", headers={"Accept-Language": "en"})
    assert b"queued again" in page.content


def test_two_who_press_at_once_queue_it_once(broker_queue):
    fail()
    went = []

    def press():
        try:
            went.append(failures.retry("t1"))
        except failures.NotRetryable:
            went.append(None)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broker_queue() == 1
    assert sum(one is not None for one in went) == 1


@pytest.mark.parametrize(
    "call",
    [{"args": ["x" * 3000]}, {"kwargs": {"row": object()}}, {"name": "gone.tasks.removed"}],
)
def test_what_cannot_be_called_again_stays_on_the_list(broker_queue, call):
    fail(**call)
    answer = Client(headers={**basic(), "Accept": "application/json"}).post(PAGE, {"retry": "t1"})
    assert (answer.status_code, answer.json()) == (404, {"result": "gone"})
    assert broker_queue() == 0
    assert len(failures.recent_failures()) == 1


@pytest.mark.parametrize("path", [PAGE, "/ADMIN/QUEUES"])
def test_a_forged_request_is_refused(broker_queue, path):
    fail()
    client = Client(enforce_csrf_checks=True, headers=basic())
    assert client.post(path, {"retry": "t1"}).status_code == 403
    page = client.get(path)
    token = page.context["csrf_token"]
    body = {"retry": "t1", "csrfmiddlewaretoken": str(token)}
    assert client.post(path, body).status_code == 302
    assert broker_queue() == 1


def test_the_page_refreshes_only_its_part():
    part = Client().get(PAGE, headers={**basic(), "X-Fragment": "1"}).content
    assert b"<html" not in part
    assert b"<section>" in part


def test_a_worker_and_what_it_does_are_seen():
    started, may_end = threading.Event(), threading.Event()

    @current_app.task(name="monitor.wait")
    def wait(place):
        started.set()
        may_end.wait(10)
        raise LookupError("secret words")

    try:
        with start_worker(
            current_app,
            pool="threads",
            concurrency=1,
            perform_ping_check=False,
            queues=["monitor-test"],
            loglevel="ERROR",
            shutdown_timeout=10,
        ) as worker:
            workers._last = 0
            workers.mark(worker.hostname)
            current_app.send_task("monitor.wait", ["company_1"], queue="monitor-test")
            assert started.wait(10)
            (seen,) = read_workers()
            may_end.set()
        assert seen["answers"]
        assert [(t["task"], t["args"]) for t in seen["active"]] == [("monitor.wait", ["company_1"])]
        (failure,) = failures.recent_failures()
        assert (failure.task, failure.error) == ("monitor.wait", "LookupError")
        assert failure.where.startswith("whaticket/testing/test_monitor.py:")
    finally:
        may_end.set()
        current_app.tasks.pop("monitor.wait", None)
