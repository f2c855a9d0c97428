"""lgpdHideNumber: agents of such a company read no customer's number, wherever it would show."""

import pytest
from django.test import Client

from companies.services import forget_settings, update_settings
from events.hub import Ready
from messaging.consumers.seat import Seat
from whaticket.privacy import masked_json, masked_number, masked_page

NUMBER = "5511988887777"
MASKED = "5511*******77"


@pytest.fixture
def hiding(cast):
    update_settings(cast.acme.pk, by_id=None, lgpd_enabled=True, lgpd_hides_numbers=True)
    # Nothing commits here, so that the cache is not told.
    forget_settings(cast.acme.pk)


@pytest.fixture
def mine(cast, ticket):
    type(ticket).objects.filter(pk=ticket.pk).update(agent=cast.ana, status="open")
    return ticket


def paths(ticket):
    return [
        "/tickets?status=open&showAll=true",
        f"/tickets/{ticket.pk}",
        f"/tickets/u/{ticket.uuid}",
        f"/messages/{ticket.pk}",
        "/contacts",
        f"/contacts/{ticket.contact_id}",
        "/contacts/list",
    ]


def test_an_agent_reads_no_number_over_rest(api, cast, mine, hiding):
    for path in paths(mine):
        answer = api(cast.ana).get(path)
        assert answer.status_code == 200
        assert NUMBER not in answer.content.decode(), path
        assert int(answer.headers.get("Content-Length", len(answer.content))) == len(answer.content)
    assert api(cast.ana).get("/contacts").json()["contacts"][0]["number"] == MASKED


def test_whoever_runs_the_company_reads_them(api, cast, mine, hiding):
    for path in paths(mine):
        if "messages" not in path:
            assert NUMBER in api(cast.rui).get(path).content.decode(), path


@pytest.mark.parametrize("on", [{"lgpd_enabled": False}, {"lgpd_hides_numbers": False}])
def test_both_switches_count(api, cast, mine, hiding, on):
    update_settings(cast.acme.pk, by_id=None, **on)
    assert NUMBER in api(cast.ana).get("/contacts").content.decode()


def test_a_masked_number_sent_back_changes_nothing(api, cast, mine, hiding):
    body = {"name": "Carla C.", "number": MASKED, "email": ""}
    assert api(cast.ana).put(f"/contacts/{mine.contact_id}", body).status_code == 200
    mine.contact.refresh_from_db()
    assert (mine.contact.name, mine.contact.address) == ("Carla C.", NUMBER)


def test_files_with_numbers_are_refused(api, cast, mine, hiding):
    assert api(cast.ana).get("/contacts-report.csv").status_code == 403
    assert api(cast.rui).get("/contacts-report.csv").status_code == 200


def test_an_agent_reads_no_number_in_the_console(cast, mine, hiding):
    browser = Client()
    browser.force_login(cast.ana, backend="accounts.backends.EmailBackend")
    for path in (f"/app/t/{mine.pk}/", f"/app/t/{mine.pk}/details/"):
        answer = browser.get(path, HTTP_X_CONSOLE="1")
        assert answer.status_code == 200
        page = answer.content.decode()
        assert NUMBER not in page
        assert "98888-7777" not in page


def test_frames_are_masked_for_who_may_not_read():
    frame = Ready.of("1-1", "company-1-ticket", f'{{"contact":{{"number":"{NUMBER}"}}}}')
    seat = Seat()
    seat.hides_numbers = True
    assert NUMBER not in seat.shown(frame)
    assert (seat.shown(frame).id, seat.shown(frame).event) == ("1-1", "company-1-ticket")
    seat.hides_numbers = False
    assert seat.shown(frame) is frame


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (NUMBER, MASKED),
        ("+55 11 98888-7777", "+55 11 *****-**77"),
        (f"{NUMBER}@s.whatsapp.net", f"{MASKED}@s.whatsapp.net"),
        ("1234567", "1234567"),
        ("", ""),
    ],
)
def test_the_first_four_digits_and_the_last_two_stay(text, shown):
    assert masked_number(text) == shown


def test_only_what_is_an_address_is_masked():
    body = f'{{"id":{NUMBER},"body":"{NUMBER}","name":"{NUMBER}","number" : "{NUMBER}"}}'.encode()
    expected = f'{{"id":{NUMBER},"body":"{NUMBER}","name":"{MASKED}","number" : "{MASKED}"}}'
    assert masked_json(body).decode() == expected
    page = f"<a data-at='{NUMBER}'>{NUMBER}</a>".encode()
    assert masked_page(page).decode() == f"<a data-at='{NUMBER}'>{MASKED}</a>"
