"""The console's pages: who may see them, what they do, and that they never leak."""

import pytest
from django.test import Client
from django.utils import translation

from console.formatting import whatsapp_html
from console.tests.messages import message_ids
from messaging.models import Message
from tickets.models import Ticket
from whaticket import tenancy

FRAGMENT = {"HTTP_X_CONSOLE": "1"}


class Browser(Client):
    """A browser that leaves the test's thread in the company where it was."""

    def request(self, **kwargs):
        schema = tenancy.current_schema()
        try:
            return super().request(**kwargs)
        finally:
            tenancy.enter_schema(schema)


@pytest.fixture
def browser(cast):
    def signed_in(user=None):
        client = Browser(raise_request_exception=False)
        if user is not None:
            client.force_login(user, backend="accounts.backends.EmailBackend")
        return client

    return signed_in


def test_strangers_are_sent_to_the_sign_in_page(browser):
    answer = browser().get("/app/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/app/login/")
    assert browser().get("/app/list/", **FRAGMENT).status_code == 401


def test_a_person_signs_in_and_out(browser, cast):
    client = browser()
    good = {"email": cast.ana.email, "password": "correct horse"}
    assert client.post("/app/login/", {**good, "password": "wrong"}).status_code == 401
    assert client.post("/app/login/", good).status_code == 302
    assert client.get("/app/").status_code == 200
    assert client.post("/app/logout/").status_code == 302
    assert client.get("/app/").status_code == 302


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/app/t/{t}/", {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("get", "/app/t/{t}/messages/", {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("get", "/app/t/{t}/state/", {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("get", "/app/t/{t}/details/", {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("get", "/app/t/{t}/transfer/", {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("post", "/app/t/{t}/accept/", {"ana": 200, "bia": 404, "rui": 409, "eva": 404}),
        ("post", "/app/t/{t}/close/", {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("post", "/app/t/{t}/unread/", {"ana": 200, "bia": 404, "rui": 200, "eva": 404}),
        ("post", "/app/t/{t}/send/", {"bia": 404, "eva": 404}),
        ("get", "/app/connections/", {"ana": 403, "rui": 200, "eva": 200}),
        ("get", "/app/connections/rows/", {"ana": 403, "rui": 200}),
    ],
)
def test_only_those_who_may_get_an_answer(browser, cast, ticket, method, path, statuses):
    for name, status in statuses.items():
        answer = getattr(browser(getattr(cast, name)), method)(path.format(t=ticket.pk), **FRAGMENT)
        assert answer.status_code == status, name
    assert getattr(browser(), method)(path.format(t=ticket.pk), **FRAGMENT).status_code == 401


def test_the_list_shows_what_waits_and_nothing_of_another_company(browser, cast, ticket):
    path = "/app/list/?tab=pending"
    assert b"Carla Customer" in browser(cast.ana).get(path, **FRAGMENT).content
    assert b"Carla Customer" not in browser(cast.bia).get(path, **FRAGMENT).content
    assert b"Carla Customer" not in browser(cast.eva).get(path, **FRAGMENT).content


def test_a_search_finds_names_without_accents_and_numbers(browser, cast, ticket):
    for text in ("carlá", "88887777"):
        assert (
            b"Carla Customer" in browser(cast.ana).get(f"/app/list/?q={text}", **FRAGMENT).content
        )


def test_whoever_comes_second_hears_who_took_the_ticket(browser, cast, ticket):
    assert browser(cast.ana).post(f"/app/t/{ticket.pk}/accept/", **FRAGMENT).status_code == 200
    late = browser(cast.rui).post(f"/app/t/{ticket.pk}/accept/", **FRAGMENT)
    assert late.status_code == 409
    assert "Ana" in late.json()["message"]


def test_a_message_sent_twice_with_one_key_is_one_message(browser, cast, ticket):
    client = browser(cast.ana)
    client.post(f"/app/t/{ticket.pk}/accept/", **FRAGMENT)
    form = {"body": "Hello *you*", "key": "abc"}
    first = client.post(f"/app/t/{ticket.pk}/send/", form, **FRAGMENT)
    second = client.post(f"/app/t/{ticket.pk}/send/", form, **FRAGMENT)
    assert first.json()["id"] == second.json()["id"]
    assert Message.objects.filter(ticket=ticket, body="Hello *you*").count() == 1
    html = client.get(f"/app/t/{ticket.pk}/messages/", **FRAGMENT).json()["html"]
    assert "Hello <strong>you</strong>" in html


def test_nobody_answers_a_ticket_that_is_not_theirs_but_notes_are_welcome(browser, cast, ticket):
    client = browser(cast.rui)
    path = f"/app/t/{ticket.pk}/send/"
    assert client.post(path, {"body": "hi"}, **FRAGMENT).status_code == 403
    assert client.post(path, {"body": "note", "private": "1"}, **FRAGMENT).status_code == 200
    assert list(Message.objects.filter(ticket=ticket).values_list("is_private", flat=True)) == [
        True
    ]


def test_closing_can_be_undone(browser, cast, ticket):
    client = browser(cast.ana)
    for step, status in (("accept", "open"), ("close", "closed"), ("reopen", "open")):
        client.post(f"/app/t/{ticket.pk}/{step}/", **FRAGMENT)
        assert Ticket.objects.get(pk=ticket.pk).status == status


@pytest.mark.parametrize(
    "path",
    ["/app/list/?after=x~y", "/app/list/?queue=x", "/app/cards/?ids=a,1,,9", "/app/?tab=x",
     "/app/palette/?q=%00", "/app/list/?q=%25%25%27", "/app/contacts/search/?q=%5C%5C"],
)  # fmt: skip
def test_bad_input_is_no_crash(browser, cast, path):
    assert browser(cast.ana).get(path, **FRAGMENT).status_code == 200


def test_a_customers_text_cannot_become_markup():
    html = whatsapp_html('<img src=x onerror=alert(1)> *<b>* https://a.b/"onx= ```<i>```')
    assert "<img" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert '"onx' not in html


@pytest.mark.parametrize("language", ["pt-br", "es"])
def test_every_text_is_translated(language):
    same = {"Cloud API", "Emoji", "E-mail", "Tickets", "{n} min", "%(n)d min", "bot", "Video",
            "Audio", "Sticker", "Principal"}  # fmt: skip
    with translation.override(language):
        catalogue = translation.trans_real.translation(language)._catalog
        for text, plural in message_ids().items():
            found = catalogue.get((text, 0) if plural else text)
            assert found, text
            if text not in same and len(text) > 12:
                assert found != text or language == "es", text


@pytest.mark.parametrize(
    ("code", "word"), [("pt-br", "Entrar"), ("en", "Sign in"), ("es", "Entrar")]
)
def test_the_sign_in_page_speaks_the_chosen_language(browser, code, word):
    client = browser()
    client.post("/app/language/", {"language": code})
    assert word in client.get("/app/login/").content.decode()
