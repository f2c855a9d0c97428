"""A company that does not pay: its people may sign in and pay, and nothing else works."""

import json

import pytest

from accounts import tokens
from accounts.authentication import person_of
from accounts.models import Session, User
from companies.services import reactivate_company, suspend_company
from dispatch.models import SessionLease
from messaging.consumers.seat import person_of_cookie
from whaticket.testing import nonsense
from whaticket.testing.contract.stage import undone
from whatsapp.services import leases


@pytest.fixture
def unpaid(facts):
    """globex is switched off until it pays."""
    facts.globex.refresh_from_db()
    yield suspend_company(facts.globex, by_id=None, is_unpaid=True)
    # The companies outlive the test; its instance must not stay switched off.
    facts.globex.is_active, facts.globex.is_unpaid = True, False


def test_people_of_an_unpaid_company_sign_in_and_stay_signed_in(signed_in, facts, unpaid):
    client = signed_in(facts.eva)
    assert client.post("/auth/refresh_token").status_code == 200
    assert client.get("/auth/me").status_code == 200
    assert client.get(f"/users/{facts.eva.pk}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/settings", 200),
        ("GET", "/settings/userRating", 200),
        ("GET", "/setting/userCreation", 200),
        ("GET", "/companySettings/{globex}", 200),
        ("GET", "/companySettingOne?column=userRating", 200),
        ("PUT", "/settings/userRating", 402),
        ("PUT", "/companySettings", 402),
        ("GET", "/companies/list", 200),
        ("GET", "/companies/listPlan/{globex}", 200),
        ("GET", "/plans/all", 200),
        ("GET", "/invoices", 200),
        ("GET", "/invoices/all", 200),
        ("POST", "/subscription", 400),
        ("POST", "/api/invoices", 404),
        ("GET", "/users", 402),
        ("PUT", "/users/{eva}", 402),
        ("PUT", "/companies/{globex}", 402),
        ("GET", "/tickets", 402),
        ("GET", "/contacts", 402),
        ("GET", "/whatsapp", 402),
        ("DELETE", "/auth/logout", 200),
    ],
)
def test_an_unpaid_company_reaches_only_what_it_needs_to_pay(
    api, facts, unpaid, method, path, status
):
    path = path.format(globex=facts.globex.pk, eva=facts.eva.pk)
    answer = api(facts.eva).generic(method, path)
    assert answer.status_code == status
    if status == 402:
        assert answer.json() == {"error": "ERR_COMPANY_UNPAID"}


def test_a_debtor_gets_from_signing_in_to_a_charge(web, signed_in, facts, account, subscribed, efi):
    """With what a client loads at its start, and its page of invoices."""
    company = facts.globex.pk
    facts.globex.refresh_from_db()
    suspend_company(facts.globex, by_id=None, is_unpaid=True)
    try:
        client = signed_in(facts.eva)

        def get(path):
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.content)
            return answer.json()

        renewed = client.post("/auth/refresh_token", {"allowMultipleSessions": False})
        assert renewed.status_code == 200
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {renewed.json()['token']}")
        user = renewed.json()["user"]
        assert user["company"]["dueDate"].startswith("2026-03-10")
        get("/settings")
        get(f"/companySettings/{company}")
        assert get(f"/users/{user['id']}")["companyId"] == company
        assert get(f"/companies/listPlan/{company}")["plan"]["id"] == facts.plan.pk
        get("/version")
        get("/login-config")
        plan = next(row for row in get("/plans/all") if row["id"] == facts.plan.pk)
        assert get("/invoices/all") == []
        order = {"companyId": company, "dueDate": "2026-03-10", "value": plan["amount"]}
        invoice = client.post("/api/invoices", order).json()
        assert [row["id"] for row in get("/invoices")["invoices"]] == [invoice["id"]]
        assert get(f"/invoices/{invoice['id']}")["status"] == invoice["status"]
        body = {"invoiceId": invoice["id"], "price": 1, "users": 1, "plan": json.dumps(plan)}
        charge = client.post("/subscription", body)
        assert charge.status_code == 200, charge.content
        assert charge.json()["qrcode"]["qrcode"]
        assert list(efi.charges) == [charge.json()["txid"]]
    finally:
        # The companies outlive the test; its instance must not stay switched off.
        facts.globex.is_active, facts.globex.is_unpaid = True, False


# Where a debtor is let in, by the path of the API document.
OPEN_TO_DEBTORS = {
    "POST /auth/disconnect-other-sessions", "DELETE /auth/logout", "GET /auth/me",
    "GET /users/{user_id}",
    "GET /settings", "GET /settings/{name}", "GET /setting/{name}",
    "GET /companySettings/{company_id}", "GET /companySettingOne",
    "GET /companies/list", "GET /companies/{company_id}", "GET /companies/listPlan/{company_id}",
    "GET /plans", "GET /plans/all", "GET /plans/{plan_id}",
    "GET /invoices", "POST /invoices", "GET /invoices/list", "GET /invoices/all",
    "GET /invoices/{invoice_id}", "POST /api/invoices", "POST /subscription",
    # Open to all.
    "GET /login-config", "GET /version", "POST /version",
}  # fmt: skip


def test_nothing_else_answers_a_debtor(api, facts, unpaid):
    http = api(facts.eva)
    let_in = set()
    for target in nonsense.targets():
        if "accessToken" in target.schemes:
            # Signing out is taken back.
            with undone():
                answer = http.generic(target.method, target.address({"uuid": "0" * 36}))
            if answer.status_code != 402:
                let_in.add(target.label)
    assert let_in == OPEN_TO_DEBTORS


def test_an_operator_is_let_in_everywhere(api, facts, unpaid):
    User.objects.filter(pk=facts.eva.pk).update(is_super=True)
    assert api(facts.eva).get("/tickets").status_code == 200


def test_an_operators_word_outweighs_a_debt(web, facts, unpaid):
    suspend_company(facts.globex, by_id=facts.root.pk)
    answer = web.post("/auth/login", {"email": facts.eva.email, "password": "correct horse"})
    assert (answer.status_code, answer.json()["error"]) == (401, "ERR_COMPANY_INACTIVE")


def test_a_company_that_paid_has_everything_again(api, facts, unpaid):
    reactivate_company(facts.globex, by_id=None)
    assert api(facts.eva).get("/tickets").status_code == 200


def test_sessions_of_a_company_that_is_switched_off_stop_and_come_back(facts):
    SessionLease.objects.create(company_id=facts.globex.pk, connection_id=facts.foreign_number.pk)
    (lease,) = leases.take_leases("one", 10)
    suspend_company(facts.globex, by_id=None, is_unpaid=True)
    assert leases.beat("one", [lease]) == set()
    leases.release(lease)
    assert leases.take_leases("one", 10) == []
    reactivate_company(facts.globex, by_id=None)
    assert [taken.key for taken in leases.take_leases("one", 10)] == [lease.key]


def test_sockets_stay_shut_for_an_unpaid_company(facts, unpaid):
    session = Session.objects.create(user=facts.eva, token_version=facts.eva.token_version)
    with pytest.raises(tokens.InvalidToken):
        person_of(tokens.access_token(facts.eva, session))


def test_a_browser_at_the_till_hears_nothing_of_its_company(client, facts):
    client.force_login(facts.eva, backend="accounts.backends.EmailBackend")
    key = client.session.session_key
    assert person_of_cookie(key) == facts.eva
    suspend_company(facts.globex, by_id=None, is_unpaid=True)
    assert person_of_cookie(key) is None
    facts.globex.is_active, facts.globex.is_unpaid = True, False
