"""The live panels: who is at what (rest.md §22)."""

import datetime

import pytest

from accounts.models import User
from tickets.tests.histories import NOON


def test_moments_show_everybodys_tickets_to_managers_and_own_ones_to_agents(api, cast, served):
    own = served(agent=cast.ana, status="open")
    other = served(agent=cast.bia, status="open", queue=cast.support)
    served(agent=cast.ana)
    rows = api(cast.rui).get("/dashboard/moments").json()
    assert {row["id"] for row in rows} == {own.pk, other.pk}
    row = next(row for row in rows if row["id"] == own.pk)
    assert row["user"] == {"id": cast.ana.pk, "name": "Ana", "profile": "user"}
    assert row["queue"]["name"] == "Sales"
    assert set(row["contact"]) == {
        "id", "name", "number", "profilePicUrl", "companyId", "urlPicture",
    }  # fmt: skip
    rows = api(cast.ana).get("/dashboard/moments", {"userId": cast.bia.pk}).json()
    assert rows == []
    assert [r["id"] for r in api(cast.ana).get("/dashboard/moments").json()] == [own.pk]


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ({"status": '["pending"]'}, {"waiting"}),
        ({"queuesIds": "[%support]"}, {"other"}),
        ({"userId": "%ana"}, {"own"}),
        ({"userId": "%ana", "showAll": "true"}, {"own", "other", "waiting"}),
        ({"dateStart": "2026-03-10", "dateEnd": "2026-03-10"}, {"own", "other", "done"}),
    ],
)
def test_moments_follow_their_filters(api, cast, served, params, left):
    made = {
        "own": served(agent=cast.ana, status="open"),
        "other": served(agent=cast.bia, status="open", queue=cast.support),
        "done": served(agent=cast.ana),
        "waiting": served(status="pending", opened=NOON + datetime.timedelta(days=3)),
    }
    names = {"%support": str(cast.support.pk), "%ana": str(cast.ana.pk)}
    for word, pk in names.items():
        params = {name: value.replace(word, pk) for name, value in params.items()}
    rows = api(cast.rui).get("/dashboard/moments", params).json()
    assert {row["id"] for row in rows} == {made[name].pk for name in left}


def test_moments_of_users_are_open_and_waiting_tickets_by_agent(api, cast, served):
    bia = served(agent=cast.bia, status="open", queue=cast.support)
    ana = served(agent=cast.ana, status="open")
    waiting = served(status="pending")
    served(agent=cast.ana)
    rows = api(cast.rui).get("/usersMoments").json()
    assert [row["id"] for row in rows] == [ana.pk, bia.pk, waiting.pk]
    assert rows[0]["user"] == {
        "id": cast.ana.pk,
        "name": "Ana",
        "profile": "user",
        "online": rows[0]["user"]["online"],
        "profileImage": None,
    }
    assert rows[0]["whatsapp"] == {"id": cast.number.pk, "name": "acme number"}
    assert rows[2]["user"] is None


def test_only_who_may_watch_live_sees_colleagues_of_the_same_queue(api, cast, served):
    own = served(agent=cast.ana, status="open")
    colleague = served(agent=cast.rui, status="open")
    served(agent=cast.bia, status="open", queue=cast.support)
    assert [row["id"] for row in api(cast.ana).get("/usersMoments").json()] == [own.pk]
    User.objects.filter(pk=cast.ana.pk).update(sees_realtime=True)
    rows = api(User.objects.get(pk=cast.ana.pk)).get("/usersMoments").json()
    assert {row["id"] for row in rows} == {own.pk, colleague.pk}
