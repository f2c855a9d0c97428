"""What operators and their programs look at."""

import pytest
from django.test import Client

from whaticket import workers
from whaticket.schedule import MARK, SCHEDULE, apply_schedule


def test_health_tells_that_the_process_lives(db):
    body = Client().get("/health").json()
    assert body["status"] == "ok"
    assert body["uptime"] >= 0
    assert Client().get("/HEALTH/live/").json()["status"] == "alive"


def test_ready_names_every_dependency(db):
    workers._last = 0
    workers.mark("worker@here")
    body = Client().get("/health/ready").json()
    assert body["status"] == "ready"
    assert body["services"]["database"] == "connected"
    assert body["services"]["redis"] == "configured"
    assert body["services"]["workers"] >= 1
    assert body["memory"]["unit"] == "MB"


def test_ready_names_what_is_away_and_nothing_secret(db, monkeypatch):
    import redis

    away = redis.Redis(host="127.0.0.1", port=1, password="hidden")
    monkeypatch.setattr("whaticket.operations.valkey", lambda: away)
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not_ready"
    assert answer.json()["error"] == "redis: ConnectionError"
    assert b"hidden" not in answer.content


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "10.0.0.1"}, 403),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ("secret", {}, 403),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer secret", "REMOTE_ADDR": "10.0.0.1"}, 200),
    ],
)
def test_metrics_are_for_this_machine_or_the_token(db, settings, token, headers, status):
    settings.METRICS_TOKEN = token
    answer = Client().get("/metrics", **headers)
    assert answer.status_code == status
    assert (b"whaticket_outbox_depth" in answer.content) == (status == 200)


def test_the_api_describes_itself(db):
    assert Client().get("/schema").status_code == 200
    assert b"swagger" in Client().get("/docs").content


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.1.1.1", "9.9.9.9"),
        (1, "", "9.9.9.9"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
    ],
)
def test_a_client_cannot_choose_its_address(rf, settings, proxies, forwarded, expected):
    from whaticket.net import client_ip

    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="9.9.9.9", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected


def test_a_cache_that_is_away_looks_empty():
    from whaticket.cache import TolerantRedisCache

    cache = TolerantRedisCache("redis://127.0.0.1:1", {})
    cache.set("a", 1, 60)
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a"]) == {}
    assert cache.add("a", 1) is False
    assert cache.delete("a") is False
    assert "a" not in cache


# The clock ----------------------------------------------------------------------------------


def test_every_entry_names_a_task_that_exists():
    from whaticket.celery import app

    app.loader.import_default_modules()
    assert not [entry.task for entry in SCHEDULE if entry.task not in app.tasks]


def test_the_schedule_is_written_once_and_an_operators_choice_stays(db):
    from django_celery_beat.models import PeriodicTask

    assert apply_schedule() == len(SCHEDULE)
    PeriodicTask.objects.filter(name=SCHEDULE[0].name).update(enabled=False)
    PeriodicTask.objects.create(
        name="gone", task="gone", description=MARK, interval=PeriodicTask.objects.first().interval
    )
    assert apply_schedule() == 1
    assert not PeriodicTask.objects.filter(name="gone").exists()
    assert PeriodicTask.objects.get(name=SCHEDULE[0].name).enabled is False
