"""What a company owes (rest.md §6 and §26): its own only, at the server's price."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.events import InvoiceCancelled, InvoicePaid, InvoiceWritten
from billing.models import Invoice, Plan, Subscription
from companies.models import Company
from whaticket.tenancy import in_company

KEYS = {
    "id", "companyId", "dueDate", "detail", "status", "value", "users", "connections", "queues",
    "useWhatsapp", "useFacebook", "useInstagram", "useCampaigns", "useSchedules",
    "useInternalChat", "useExternalApi", "linkInvoice", "createdAt", "updatedAt",
}  # fmt: skip


def due_on(company):
    return Company.objects.values_list("due_on", flat=True).get(pk=company.pk)


@pytest.fixture
def foreign(facts, invoice):
    """An invoice of acme, beside that of globex."""
    return services.create_invoice(
        facts.acme.pk, by_id=None, due_on="2026-01-01", detail="Acme owes", amount="5"
    )


def test_a_company_sees_its_own_invoices_and_no_others(api, facts, invoice, foreign):
    client = api(facts.eva)
    page = client.get("/invoices").json()
    assert (page["count"], page["hasMore"]) == (1, False)
    assert set(page["invoices"][0]) == KEYS
    for path in ("/invoices/list", "/invoices/all"):
        assert [row["id"] for row in client.get(path).json()] == [invoice.pk]
    assert client.get(f"/invoices/{invoice.pk}").json()["value"] == 49.9
    answer = client.get(f"/invoices/{foreign.pk}")
    assert (answer.status_code, answer.json()["error"]) == (404, "ERR_NO_INVOICE_FOUND")


def test_invoices_are_searched_by_their_detail_and_paged_by_twenty(api, facts, subscribed):
    for number in range(22):
        services.create_invoice(
            facts.globex.pk, by_id=None, due_on="2026-01-01", detail=f"Extra {number}"
        )
    first = api(facts.eva).get("/invoices").json()
    assert (len(first["invoices"]), first["count"], first["hasMore"]) == (20, 22, True)
    ids = [row["id"] for row in first["invoices"]]
    assert ids == sorted(ids)
    second = api(facts.eva).get("/invoices?pageNumber=2").json()
    assert (len(second["invoices"]), second["hasMore"]) == (2, False)
    found = api(facts.eva).get("/invoices?searchParam=extra 21").json()
    assert [row["detail"] for row in found["invoices"]] == ["Extra 21"]


@pytest.mark.parametrize("path", ["/invoices", "/invoices/list", "/invoices/all"])
def test_a_list_costs_the_same_for_one_and_for_twenty(api, facts, invoice, path):
    client = api(facts.eva)
    client.get(path)

    def cost():
        with CaptureQueriesContext(connection) as spent:
            assert client.get(path).status_code == 200
        return len([q for q in spent.captured_queries if "SET search_path" not in q["sql"]])

    one = cost()
    for _ in range(19):
        services.create_invoice(facts.globex.pk, by_id=None, due_on="2026-01-01")
    assert cost() == one


@pytest.mark.parametrize("path", ["/invoices", "/api/invoices"])
def test_a_client_orders_its_invoice_at_the_plans_price(api, facts, subscribed, path, heard):
    sent = {"companyId": facts.globex.pk, "value": 0.01, "status": "paid", "users": 999}
    row = api(facts.eva).post(path, sent).json()
    assert (row["value"], row["status"], row["users"]) == (49.9, "pending", 5)
    assert (row["dueDate"], row["detail"]) == ("2026-03-10", "Basic")
    assert api(facts.eva).post(path, sent).json()["id"] == row["id"]
    assert due_on(facts.globex) == datetime.date(2026, 3, 10)
    with in_company(facts.globex.pk):
        assert heard(InvoiceWritten) == [{"invoice_id": row["id"], "by_id": facts.eva.pk}]


def test_a_client_orders_nothing_for_others_or_without_a_plan(api, facts, subscribed):
    answer = api(facts.eva).post("/api/invoices", {"companyId": facts.acme.pk})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_NO_PERMISSION")
    answer = api(facts.rui).post("/api/invoices", {})
    assert (answer.status_code, answer.json()["error"]) == (404, "ERR_NO_PLAN_FOUND")
    assert not Invoice.objects.exists()


def test_a_cancelled_renewal_can_be_ordered_again(facts, invoice):
    services.cancel_invoice(invoice, by_id=None)
    again = services.order_invoice(facts.globex.pk, by_id=None)
    assert again.pk != invoice.pk
    assert again.due_on == datetime.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("plans", "own", "value", "days"),
    [
        ("", "", 49.9, 30),
        ("MENSAL", "ANUAL", 598.8, 365),
        ("", "trimestral", 149.7, 90),
        ("ANUAL", "", 49.9, 365),
        ("ANUAL", "MENSAL", 4.16, 30),
        ("", "whenever", 49.9, 30),
    ],
)
def test_the_recurrence_sets_price_and_days(api, facts, subscribed, plans, own, value, days):
    Plan.objects.filter(pk=facts.plan.pk).update(recurrence=plans)
    Subscription.objects.filter(company=facts.globex).update(recurrence=own)
    row = api(facts.eva).post("/invoices", {}).json()
    assert row["value"] == value
    assert Invoice.objects.get(pk=row["id"]).days == days


# The operator -------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["paid", "Pago"])
def test_an_operator_confirms_a_payment_once(api, facts, invoice, heard, word):
    for _ in range(2):
        answer = api(facts.root).put(f"/invoices/{invoice.pk}", {"id": invoice.pk, "status": word})
        assert answer.json()["status"] == "paid"
    assert due_on(facts.globex) == datetime.date(2026, 4, 9)
    invoice.refresh_from_db()
    assert invoice.confirmed_by_id == facts.root.pk
    with in_company(facts.globex.pk):
        assert heard(InvoicePaid) == [{"invoice_id": invoice.pk, "by_id": facts.root.pk}]


def test_nobody_else_marks_an_invoice_paid(api, facts, invoice):
    for user in (facts.eva, facts.rui, facts.ana):
        answer = api(user).put(f"/invoices/{invoice.pk}", {"status": "paid"})
        assert (answer.status_code, answer.json()["error"]) == (403, "ERR_NO_PERMISSION")
    invoice.refresh_from_db()
    assert invoice.status == "pending"


def test_what_is_paid_stays_paid(api, platform, facts, invoice):
    services.pay_invoice(invoice, by_id=None)
    client = api(facts.root)
    for answer in (
        client.put(f"/invoices/{invoice.pk}", {"status": "pending"}),
        client.delete(f"/invoices/{invoice.pk}"),
        platform.delete(f"/api/invoices/{invoice.pk}"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "ERR_INVOICE_PAID")
    assert due_on(facts.globex) == datetime.date(2026, 4, 9)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"status": "free"}, 400), ({}, 400), ({"status": "paid", "id": 1}, 400)],
)
def test_a_bad_decision_changes_nothing(api, facts, invoice, change, code):
    answer = api(facts.root).put(f"/invoices/{invoice.pk}", change)
    assert (answer.status_code, answer.json()["error"]) == (code, "ERR_VALIDATION")
    assert api(facts.root).put("/invoices/999999", {"status": "paid"}).status_code == 404
    invoice.refresh_from_db()
    assert invoice.status == "pending"


def test_some_clients_call_a_paid_invoice_pago(api, facts, invoice, settings):
    settings.INVOICE_PAID_STATUS = "Pago"
    services.pay_invoice(invoice, by_id=None)
    assert api(facts.eva).get(f"/invoices/{invoice.pk}").json()["status"] == "Pago"


def test_a_company_without_a_due_day_is_paid_from_today(facts, invoice):
    Company.objects.filter(pk=facts.globex.pk).update(due_on=None)
    services.pay_invoice(invoice, by_id=None)
    assert due_on(facts.globex) == services.today() + datetime.timedelta(days=30)


def test_no_payment_passes_the_end_of_the_calendar(facts, invoice):
    Company.objects.filter(pk=facts.globex.pk).update(due_on=datetime.date.max)
    services.pay_invoice(invoice, by_id=None)
    assert due_on(facts.globex) == datetime.date.max


# The operator's programs --------------------------------------------------------------------


def test_a_program_writes_reads_settles_and_removes_invoices(platform, facts, heard):
    sent = {
        "companyId": facts.globex.pk,
        "dueDate": "2026-05-01",
        "detail": "Training",
        "status": "pending",
        "value": 120.5,
        "users": 2,
        "useCampaigns": False,
        "linkInvoice": "https://pay.example/1",
    }
    row = platform.post("/api/invoices", sent).json()
    assert sent.items() <= row.items()
    assert platform.get(f"/api/invoices/{row['id']}").json() == row
    assert platform.get("/api/invoices?searchParam=train").json()["invoices"] == [row]
    assert platform.get(f"/api/invoicesCompany/{facts.globex.pk}").json() == [row]
    assert platform.get(f"/api/invoicesCompany/{facts.acme.pk}").json() == []
    paid = platform.put(f"/api/invoices/{row['id']}", {"status": "paid"}).json()
    assert paid["status"] == "paid"
    other = platform.post("/api/invoices", sent).json()["id"]
    assert platform.delete(f"/api/invoices/{other}").status_code == 200
    assert platform.get(f"/api/invoices/{other}").status_code == 404
    assert platform.delete(f"/api/invoices/{other}").status_code == 404
    with in_company(facts.globex.pk):
        assert heard(InvoiceCancelled) == [{"invoice_id": other, "by_id": None}]


def test_a_program_may_write_down_what_is_paid_already(platform, facts, subscribed):
    sent = {"companyId": facts.globex.pk, "dueDate": "2026-05-01", "status": "paid", "value": 1}
    assert platform.post("/api/invoices", sent).json()["status"] == "paid"
    assert due_on(facts.globex) == datetime.date(2026, 4, 9)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"companyId": 999999}, 404, "ERR_NO_COMPANY_FOUND"),
        ({"companyId": None}, 400, "ERR_VALIDATION"),
        ({"dueDate": "tomorrow"}, 400, "ERR_VALIDATION"),
        ({"dueDate": None}, 400, "ERR_VALIDATION"),
        ({"value": -1}, 400, "ERR_VALIDATION"),
        ({"value": "1e99"}, 400, "ERR_VALIDATION"),
        ({"value": "NaN"}, 400, "ERR_VALIDATION"),
        ({"status": "perhaps"}, 400, "ERR_VALIDATION"),
        ({"users": 1e12}, 400, "ERR_VALIDATION"),
        ({"detail": "\0"}, 400, "ERR_VALIDATION"),
        ({"linkInvoice": "javascript:alert(1)"}, 400, "ERR_VALIDATION"),
        ({"useCampaigns": "maybe"}, 400, "ERR_VALIDATION"),
    ],
)
def test_a_bad_invoice_is_not_written(platform, facts, change, status, code):
    sent = {"companyId": facts.globex.pk, "dueDate": "2026-05-01", "value": 1}
    answer = platform.post("/api/invoices", sent | change)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert not Invoice.objects.exists()


def test_an_unknown_company_has_no_list(platform, facts):
    answer = platform.get("/api/invoicesCompany/999999")
    assert (answer.status_code, answer.json()["error"]) == (404, "ERR_NO_COMPANY_FOUND")
