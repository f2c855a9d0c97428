"""The console's pages: who may see them, what they do, and that they never leak."""

import importlib
import re

import pytest
from django.utils import translation

from accounts.events import UserUpdated
from console.formatting import whatsapp_html
from console.tests.messages import message_ids
from console.tests.pages import FRAGMENT
from console.wording import words_for
from contacts.models import Contact, Tag
from messaging.models import Message
from tickets.models import Ticket
from whaticket.exceptions import DomainError
from whatsapp.models import Connection


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
        ("get", "/app/connections/add/", {"ana": 403, "rui": 200}),
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


def test_nobody_answers_a_closed_ticket_but_notes_are_welcome(browser, cast, ticket):
    client = browser(cast.rui)
    path = f"/app/t/{ticket.pk}/send/"
    client.post(f"/app/t/{ticket.pk}/close/", **FRAGMENT)
    refused = client.post(path, {"body": "hi"}, **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (409, "ERR_TICKET_CLOSED")
    assert client.post(path, {"body": "note", "private": "1"}, **FRAGMENT).status_code == 200
    assert list(Message.objects.filter(ticket=ticket).values_list("is_private", flat=True)) == [
        True
    ]


def test_in_a_waiting_ticket_the_composer_begins_as_a_note(browser, cast, ticket):
    client = browser(cast.ana)
    page = client.get(f"/app/t/{ticket.pk}/", **FRAGMENT).content.decode()
    assert 'class="composer is-note"' in page
    client.post(f"/app/t/{ticket.pk}/accept/", **FRAGMENT)
    page = client.get(f"/app/t/{ticket.pk}/", **FRAGMENT).content.decode()
    assert 'class="composer "' in page


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
            words = re.sub(r"\{\w+\}|%\(\w+\)\w", "", text)
            if text not in same and len(words) > 12:
                assert found != text or language == "es", text


@pytest.mark.parametrize(
    ("code", "word"), [("pt-br", "Entrar"), ("en", "Sign in"), ("es", "Entrar")]
)
def test_the_sign_in_page_speaks_the_chosen_language(browser, code, word):
    client = browser()
    client.post("/app/language/", {"language": code})
    assert word in client.get("/app/login/").content.decode()


@pytest.mark.parametrize("module", ["accounts", "contacts", "messaging", "tickets", "whatsapp"])
def test_every_refusal_of_these_rooms_is_said_in_words(module):
    found = vars(importlib.import_module(f"{module}.exceptions")).values()
    refusals = [kind for kind in found if isinstance(kind, type) and issubclass(kind, DomainError)]
    assert refusals
    for kind in refusals:
        assert kind.code not in words_for(kind()), kind


def test_an_unknown_code_is_shown_as_it_is():
    assert "ERR_NEWER" in words_for(DomainError("ERR_NEWER"))


CLOUD = {
    "name": "Shop",
    "driver": "cloud",
    "phone_number_id": "100200300400",
    "waba_id": "500600700800",
    "access_token": "EAAB-secret",
    "app_secret": "app-secret",
    "verify_token": "chosen-by-us",
}


def test_the_form_of_a_cloud_connection_makes_one_with_everything_it_asks_for(browser, cast):
    client = browser(cast.rui)
    form = client.get("/app/connections/add/", **FRAGMENT).content.decode()
    assert all(f'name="{name}"' in form for name in CLOUD)
    made = client.post("/app/connections/add/", CLOUD, **FRAGMENT)
    assert made.status_code == 200, made.content
    connection = Connection.objects.get(pk=made.json()["id"])
    assert (connection.driver, connection.name) == ("cloud", "Shop")
    assert connection.driver_settings["phone_number_id"] == "100200300400"
    assert connection.driver_settings["waba_id"] == "500600700800"
    assert connection.credentials == {
        name: CLOUD[name] for name in ("access_token", "app_secret", "verify_token")
    }
    page = client.get("/app/connections/").content.decode()
    assert f"/webhooks/cloud/{connection.driver_settings['webhook_key']}" in page
    assert not any(secret in page for secret in connection.credentials.values())


def test_a_cloud_form_with_missing_parts_names_the_fields(browser, cast):
    form = {"name": "Shop", "driver": "cloud", "phone_number_id": "x"}
    refused = browser(cast.rui).post("/app/connections/add/", form, **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (400, "ERR_VALIDATION")
    assert refused.json()["fields"] == ["phone_number_id", "access_token"]
    assert not Connection.objects.filter(name="Shop").exists()


def test_an_unknown_driver_is_refused_in_words(browser, cast):
    form = {"name": "Shop", "driver": "pigeon"}
    refused = browser(cast.rui).post("/app/connections/add/", form, **FRAGMENT)
    assert refused.json()["error"] == "ERR_UNKNOWN_DRIVER"
    assert "ERR_" not in refused.json()["message"]


def test_a_contact_is_edited_with_fields_tags_wallets_and_rules(browser, cast, ticket):
    client, contact = browser(cast.ana), ticket.contact
    old = Tag.objects.create(name="old")
    lane = Tag.objects.create(name="lane", is_lane=True)
    contact.tags.add(old, lane)
    path = f"/app/c/{contact.pk}/edit/"
    assert "Carla Customer" in client.get(path, **FRAGMENT).content.decode()
    form = {
        "name": " Carla Costa ",
        "email": "carla@example.com",
        "field_name": ["Plan", "", "City"],
        "field_value": ["Gold", "dropped", "Natal"],
        "new_tags": "VIP, new ,VIP",
        "wallet": [cast.bia.pk],
        "blocked": "on",
        "bot_disabled": "on",
    }
    answer = client.post(path, form, **FRAGMENT)
    assert answer.status_code == 200, answer.content
    contact.refresh_from_db()
    assert (contact.name, contact.email) == ("Carla Costa", "carla@example.com")
    assert (contact.is_active, contact.bot_disabled) == (False, True)
    fields = contact.fields.order_by("pk").values_list("name", "value")
    assert list(fields) == [("Plan", "Gold"), ("City", "Natal")]
    assert set(contact.tags.values_list("name", flat=True)) == {"VIP", "new", "lane"}
    assert list(contact.wallets.values_list("agent_id", flat=True)) == [cast.bia.pk]
    details = client.get(f"/app/t/{ticket.pk}/details/", **FRAGMENT).content.decode()
    assert all(text in details for text in ("Carla Costa", "Gold", "VIP", "Bia"))


@pytest.mark.parametrize(
    ("form", "fields"),
    [({"name": " "}, ["name"]), ({"name": "Carla", "email": "no"}, ["email"])],
)
def test_a_contact_form_that_cannot_be_used_changes_nothing(browser, cast, ticket, form, fields):
    path = f"/app/c/{ticket.contact_id}/edit/"
    refused = browser(cast.ana).post(path, form, **FRAGMENT)
    assert (refused.status_code, refused.json()["fields"]) == (400, fields)
    assert Contact.objects.get(pk=ticket.contact_id).name == "Carla Customer"


def test_a_contact_of_another_company_cannot_be_edited(browser, cast, ticket):
    path = f"/app/c/{ticket.contact_id}/edit/"
    for method in ("get", "post"):
        answer = getattr(browser(cast.eva), method)(path, {"name": "Mine"}, **FRAGMENT)
        assert answer.status_code == 404


def test_theme_and_language_are_the_persons_and_colleagues_hear_of_them(browser, cast, heard):
    client = browser(cast.ana)
    client.post("/app/theme/", {"theme": "dark"}, **FRAGMENT)
    client.post("/app/language/", {"language": "es"})
    cast.ana.refresh_from_db()
    assert (cast.ana.default_theme, cast.ana.language) == ("dark", "es")
    told = [event["fields"] for event in heard(UserUpdated)]
    assert told == [["default_theme"], ["language"]]
