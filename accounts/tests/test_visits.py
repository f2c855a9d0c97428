"""Operators inside companies: on purpose, with a reason, alone there, told, and for an hour."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.exceptions import VisitReasonMissing
from accounts.models import Visit
from companies.events import CompanyEntered, CompanyLeft
from contacts.models import Contact
from events.models import EventRecord
from tickets.models import Ticket
from whaticket.exceptions import NoPermission
from whaticket.tenancy import in_company, leave_company

CONTACTS = "/admin/contacts/contact/"


@pytest.fixture
def browser(root, cast):
    leave_company()
    client = Client()
    client.force_login(root, backend="accounts.backends.EmailBackend")
    for company, name in ((cast.acme, "Only of acme"), (cast.globex, "Only of globex")):
        with in_company(company.pk):
            Contact.objects.create(name=name)
    return client


def enter(browser, company, reason="asked for help", **more):
    answer = browser.post("/admin/enter/", {"company": company.pk, "reason": reason, **more})
    leave_company()
    return answer


def names(company):
    with in_company(company.pk):
        return list(EventRecord.objects.order_by("pk").values_list("name", flat=True))


def test_entering_needs_a_reason_and_is_told(browser, root, cast):
    assert enter(browser, cast.acme, reason="  ").status_code == 200
    assert not Visit.objects.exists()
    answer = enter(browser, cast.acme, next=CONTACTS)
    assert (answer.status_code, answer["Location"]) == (302, CONTACTS)
    visit = Visit.objects.get()
    assert (visit.operator, visit.company, visit.reason) == (root, cast.acme, "asked for help")
    with in_company(cast.acme.pk):
        record = EventRecord.objects.get(name=CompanyEntered.name)
    assert record.payload["reason"] == "asked for help"
    assert record.payload["by_id"] == root.pk
    assert CompanyEntered.name not in names(cast.globex)


def test_only_rows_of_the_company_entered_are_shown(browser, cast):
    first = browser.get(CONTACTS)
    assert first["Location"] == f"/admin/enter/?next={CONTACTS.replace('/', '%2F')}"
    for company, here, there in (
        (cast.acme, b"Only of acme", b"Only of globex"),
        (cast.globex, b"Only of globex", b"Only of acme"),
    ):
        enter(browser, company)
        page = browser.get(CONTACTS).content
        assert here in page
        assert there not in page
        assert company.name.encode() in page
        assert b'action="/admin/leave/"' in page


def test_a_row_of_another_company_is_not_found_by_its_number(browser, cast):
    with in_company(cast.globex.pk):
        foreign = Contact.objects.create(pk=987_654, name="Foreign")
    enter(browser, cast.acme)
    answer = browser.get(f"{CONTACTS}{foreign.pk}/change/", follow=True)
    assert b"Foreign" not in answer.content
    browser.post(CONTACTS, {"action": "block", "_selected_action": [foreign.pk]})
    with in_company(cast.globex.pk):
        foreign.refresh_from_db()
    assert foreign.is_active


def test_moving_on_leaves_the_former_company(browser, cast):
    enter(browser, cast.acme)
    enter(browser, cast.globex)
    assert CompanyLeft.name in names(cast.acme)
    assert Visit.objects.filter(left_at=None).get().company == cast.globex


def test_leaving_closes_the_pages_and_is_told(browser, cast):
    enter(browser, cast.acme)
    assert browser.get("/admin/leave/").status_code == 405
    assert browser.get(CONTACTS).status_code == 200
    browser.post("/admin/leave/")
    assert browser.get(CONTACTS).status_code == 302
    assert names(cast.acme).count(CompanyLeft.name) == 1
    assert browser.post("/admin/leave/").status_code == 302
    assert names(cast.acme).count(CompanyLeft.name) == 1


def test_signing_out_leaves(browser, cast):
    enter(browser, cast.acme)
    browser.post(reverse("admin:logout"))
    assert CompanyLeft.name in names(cast.acme)
    assert Visit.objects.get().left_at is not None


def test_a_visit_is_over_after_an_hour(browser, cast):
    enter(browser, cast.acme)
    lasts = Visit.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=59) < lasts <= timedelta(hours=1)
    Visit.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.get(CONTACTS).status_code == 302
    assert "visit" not in browser.session


def test_somebody_elses_visit_opens_nothing(browser, root, cast):
    visit = services.enter_company(cast.acme, by=root, reason="mine")
    with pytest.raises(NoPermission):
        services.enter_company(cast.acme, by=cast.rui, reason="curious")
    client = Client()
    client.force_login(cast.eva, backend="accounts.backends.EmailBackend")
    session = client.session
    session["visit"] = visit.pk
    session.save()
    leave_company()
    assert client.get(CONTACTS)["Location"].startswith("/admin/login/")
    assert services.visit_in_force(visit.pk, of=cast.eva) is None


def test_a_reason_is_demanded_by_the_service_too(root, cast):
    with pytest.raises(VisitReasonMissing):
        services.enter_company(cast.acme, by=root, reason=" \n ")


def test_the_way_back_never_leads_to_another_site(browser, cast):
    answer = enter(browser, cast.acme, next="https://evil.example/")
    assert answer["Location"] == "/admin/"


def test_the_console_of_the_company_opens(browser, cast):
    assert enter(browser, cast.acme, console="1")["Location"] == "/app/"


def test_no_number_in_the_address_breaks_the_page(browser):
    for company in ("x", "9" * 30, "²"):
        assert browser.get(f"/admin/enter/?company={company}").status_code == 200


def test_the_record_outlives_company_and_operator(browser, root, cast):
    enter(browser, cast.acme)
    visit = Visit.objects.get()
    Visit.objects.update(company=None, operator=None)
    services.end_visit(visit.pk)
    visit.refresh_from_db()
    assert (visit.company_name, visit.operator_email) == (cast.acme.name, root.email)
    assert visit.left_at is not None


def test_what_an_operator_does_is_a_deed_of_theirs(ticket, browser, root, cast):
    enter(browser, cast.acme)
    page = "/admin/tickets/ticket/"
    browser.post(page, {"action": "close", "_selected_action": [ticket.pk]})
    with in_company(cast.acme.pk):
        assert Ticket.objects.get(pk=ticket.pk).status == "closed"
        assert EventRecord.objects.filter(ticket_id=ticket.pk, actor_id=root.pk).exists()
    entry = LogEntry.objects.get(object_id=f"{cast.acme.pk}:{ticket.pk}")
    assert entry.user == root
    history = browser.get(f"{page}{ticket.pk}/history/", follow=True)
    assert history.status_code == 200
    assert f"{cast.acme.pk}:{ticket.pk}".encode() in history.content


def test_the_console_says_whose_it_is_and_lets_leave_it(browser, cast):
    leave_company()
    assert b'id="visit"' not in browser.get("/app/", follow=True).content
    leave_company()
    enter(browser, cast.globex)
    page = browser.get("/app/", follow=True).content
    leave_company()
    assert b'id="visit"' in page
    assert b"Globex" in page
