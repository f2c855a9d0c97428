"""A person's list of things to do in the console: their own alone, kept as it was typed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.tests.pages import FRAGMENT
from messaging.models import Todo
from messaging.services import todos
from whaticket.tenancy import in_company


@pytest.fixture
def line(cast):
    return todos.add_todo(by=cast.ana, text="call Carla")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/app/todos/"),
        ("post", "/app/todos/add/"),
        ("post", "/app/todos/{pk}/change/"),
        ("post", "/app/todos/{pk}/delete/"),
    ],
)
def test_nobody_reaches_a_list_without_signing_in(browser, line, method, path):
    answer = getattr(browser(), method)(path.format(pk=line.pk), {"text": "x"}, **FRAGMENT)
    assert answer.status_code == 401
    assert Todo.objects.get().text == "call Carla"


@pytest.mark.parametrize("who", ["bia", "rui", "eva"])
def test_nobody_else_sees_or_changes_a_line(browser, cast, line, who):
    with in_company(cast.globex.pk):
        # So that no line of Eva's has the number asked for.
        assert not Todo.objects.exists()
    client = browser(getattr(cast, who))
    assert b"Carla" not in client.get("/app/todos/", **FRAGMENT).content
    for action in ("change", "delete"):
        refused = client.post(f"/app/todos/{line.pk}/{action}/", {"text": "x"}, **FRAGMENT)
        assert (refused.status_code, refused.json()["error"]) == (404, "ERR_NO_TODO_FOUND")
    assert Todo.objects.get().text == "call Carla"


def test_a_line_is_added_edited_and_ticked_off(browser, cast, line):
    client = browser(cast.ana)
    added = client.post("/app/todos/add/", {"text": " send  the\noffer "}, **FRAGMENT).json()
    assert "send the offer</textarea>" in added["html"]
    address = f"/app/todos/{line.pk}/change/"
    edited = client.post(address, {"text": "call <b>Carla</b>"}, **FRAGMENT).json()
    assert "call &lt;b&gt;Carla&lt;/b&gt;" in edited["html"]
    assert "<b>" not in edited["html"]
    ticked = client.post(address, {"done": "1"}, **FRAGMENT).json()
    assert "is-done" in ticked["html"]
    line.refresh_from_db()
    assert (line.text, line.is_done) == ("call <b>Carla</b>", True)
    # What is done sinks below what is left, when the list is opened next.
    page = client.get("/app/todos/", **FRAGMENT).content.decode()
    assert page.index("send the offer") < page.index("call &lt;b&gt;")
    client.post(address, {"done": "0"}, **FRAGMENT)
    page = client.get("/app/todos/", **FRAGMENT).content.decode()
    assert page.index("send the offer") > page.index("call &lt;b&gt;")


def test_a_removed_line_comes_back_as_it_was(browser, cast):
    client = browser(cast.ana)
    due = "2026-12-01T12:30:00+00:00"
    for text in ("one", "two", "three"):
        todos.add_todo(by=cast.ana, text=text)
    two = Todo.objects.get(text="two")
    assert client.post(f"/app/todos/{two.pk}/delete/", **FRAGMENT).json() == {"id": two.pk}
    assert not Todo.objects.filter(text="two").exists()
    form = {"text": "two", "done": "1", "position": str(two.position), "due": due}
    client.post("/app/todos/add/", form, **FRAGMENT)
    assert [row.text for row in Todo.objects.of_person(cast.ana)] == ["one", "two", "three"]
    back = Todo.objects.get(text="two")
    assert (back.is_done, back.due_at.isoformat()) == (True, due)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "text"),
        ({"text": " \x00 "}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"text": "a", "position": "first"}, "position"),
        ({"text": "a", "position": "9" * 40}, "position"),
        ({"text": "a", "due": "tomorrow"}, "due"),
        ({"text": "a", "due": "2026-02-31T00:00:00+00:00"}, "due"),
        ({"text": "a", "due": "9999-12-31T23:59:59-14:00"}, "due"),
    ],
)
def test_nonsense_adds_nothing(browser, cast, form, field):
    refused = browser(cast.ana).post("/app/todos/add/", form, **FRAGMENT)
    assert refused.status_code == 400
    assert (refused.json()["error"], refused.json()["fields"]) == ("ERR_VALIDATION", [field])
    assert not Todo.objects.exists()


def test_an_emptied_line_keeps_its_words(browser, cast, line):
    refused = browser(cast.ana).post(f"/app/todos/{line.pk}/change/", {"text": " "}, **FRAGMENT)
    assert refused.status_code == 400
    line.refresh_from_db()
    assert line.text == "call Carla"


def test_a_full_list_says_so(browser, cast, line, monkeypatch):
    monkeypatch.setattr(todos, "LIMIT", 1)
    refused = browser(cast.ana).post("/app/todos/add/", {"text": "more"}, **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (400, "ERR_TODO_LIMIT_REACHED")


def test_a_long_list_costs_what_a_short_one_costs(browser, cast, line):
    client = browser(cast.ana)
    client.get("/app/todos/", **FRAGMENT)
    with CaptureQueriesContext(connection) as few:
        client.get("/app/todos/", **FRAGMENT)
    for number in range(30):
        todos.add_todo(by=cast.ana, text=f"line {number}")
    with CaptureQueriesContext(connection) as many:
        client.get("/app/todos/", **FRAGMENT)
    assert len(few) == len(many)


def test_every_page_has_the_way_to_the_list(browser, cast):
    for path in ("/app/", "/app/chat/", "/app/help/"):
        assert "data-todos" in browser(cast.ana).get(path).content.decode()
