"""A person's list of things to do is nobody else's."""

import pytest

from messaging.models import Todo
from messaging.services import todos
from whaticket.tenancy import in_company


def test_a_list_keeps_its_order_and_what_is_done(api, cast):
    ana = api(cast.ana)
    due = "2026-03-01T12:30:00-03:00"
    first = ana.post("/todos", {"text": " call Carla ", "dueAt": due}, format="json").json()
    second = ana.post("/todos", {"text": "send the offer"}).json()
    assert first.keys() == {
        "id", "text", "done", "position", "dueAt", "createdAt", "updatedAt"
    }  # fmt: skip
    assert (first["text"], first["done"]) == ("call Carla", False)
    assert first["dueAt"] == "2026-03-01T15:30:00.000Z"
    assert (first["position"], second["position"], second["dueAt"]) == (0, 1, None)
    changed = ana.put(f"/todos/{second['id']}", {"done": True, "position": -1}).json()
    assert (changed["text"], changed["done"]) == ("send the offer", True)
    assert [row["id"] for row in ana.get("/todos").json()] == [second["id"], first["id"]]
    cleared = ana.put(f"/todos/{first['id']}", {"dueAt": None}, format="json").json()
    assert cleared["dueAt"] is None
    assert ana.delete(f"/todos/{first['id']}").json() == {"message": "To-do deleted"}
    assert [row["id"] for row in ana.get("/todos").json()] == [second["id"]]


@pytest.mark.parametrize(("who", "status"), [("bia", 404), ("rui", 404), ("eva", 404), (None, 401)])
def test_nobody_else_sees_or_changes_it(api, cast, who, status):
    mine = Todo.objects.create(owner=cast.ana, text="mine")
    with in_company(cast.globex.pk):
        Todo.objects.create(owner=cast.eva, text="eva's")
    client = api(getattr(cast, who) if who else None)
    path = f"/todos/{mine.pk}"
    answers = [client.get(path), client.put(path, {"text": "x"}), client.delete(path)]
    # Both companies count from one, so Eva's own line may have this number.
    if who != "eva":
        assert [answer.status_code for answer in answers] == [status] * 3
    assert Todo.objects.get().text == "mine"
    if who:
        assert "mine" not in str(client.get("/todos").json())


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "x" * 1001},
        {"text": "a", "position": 2**31},
        {"text": "a", "dueAt": "tomorrow"},
        {"text": "a", "dueAt": "9999-12-31T23:59:59-14:00"},
        {"text": "a", "done": "maybe"},
        {"text": None},
        [],
    ],
)
def test_nonsense_is_refused(api, cast, body):
    answer = api(cast.ana).post("/todos", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert not Todo.objects.exists()


def test_a_list_has_an_end(api, cast, monkeypatch):
    monkeypatch.setattr(todos, "LIMIT", 2)
    Todo.objects.create(owner=cast.ana, text="one")
    Todo.objects.create(owner=cast.ana, text="two", position=2**31 - 1)
    answer = api(cast.ana).post("/todos", {"text": "three"})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_TODO_LIMIT_REACHED")
    assert answer.json()["limit"] == 2
    Todo.objects.filter(text="one").delete()
    assert api(cast.ana).post("/todos", {"text": "three"}).json()["position"] == 2**31 - 1
    assert api(cast.bia).post("/todos", {"text": "hers"}).status_code == 200
