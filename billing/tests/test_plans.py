"""What is on offer (rest.md §5)."""

import pytest

from billing.models import Plan, Subscription


def test_an_operator_makes_changes_and_removes_an_offer(api, facts):
    client = api(facts.root)
    made = client.post("/plans", {"name": "Gold", "users": 3, "amount": "99.90"}).json()
    assert (made["amount"], made["users"], made["useKanban"]) == ("99.90", 3, True)
    changed = client.put(f"/plans/{made['id']}", {"id": made["id"], "useKanban": False}).json()
    assert (changed["useKanban"], changed["users"]) == (False, 3)
    assert client.delete(f"/plans/{made['id']}").status_code == 200
    assert client.get(f"/plans/{made['id']}").json()["error"] == "ERR_NO_PLAN_FOUND"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "B"}, "ERR_PLAN_INVALID_NAME"),
        ({"name": ""}, "ERR_PLAN_INVALID_NAME"),
        ({"name": "Basic"}, "ERR_PLAN_NAME_ALREADY_EXISTS"),
        ({"name": "New", "users": -1}, "ERR_VALIDATION"),
        ({"name": "New", "amount": "1e9"}, "ERR_VALIDATION"),
    ],
)
def test_a_bad_offer_is_refused(api, facts, body, code):
    answer = api(facts.root).post("/plans", body)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


def test_a_plan_with_companies_stays(api, facts):
    Subscription.objects.create(company=facts.globex, plan=facts.plan)
    answer = api(facts.root).delete(f"/plans/{facts.plan.pk}")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_PLAN_IN_USE")


def test_a_company_sees_its_own_plan_and_the_signup_page_the_public_ones(api, facts):
    Plan.objects.create(name="Secret", is_public=False)
    Subscription.objects.create(company=facts.acme, plan=facts.plan)
    names = [row["name"] for row in api(facts.ana).get("/plans").json()["plans"]]
    assert names == ["Basic"]
    assert api(facts.ana).get(f"/plans/{facts.plan.pk}").status_code == 200
    public = {row["name"] for row in api().get("/plans/list?listPublic=false").json()}
    assert "Basic" in public
    assert "Secret" not in public
    hidden = api(facts.root).get("/plans?listPublic=false").json()["plans"]
    assert [row["name"] for row in hidden] == ["Secret"]


def test_the_platform_keeps_what_the_contract_fixes(platform, facts):
    body = {"users": 9, "isPublic": False, "recurrence": "ANUAL", "trial": True, "trialDays": 9}
    row = platform.put(f"/api/plans/{facts.plan.pk}", body).json()
    assert row["users"] == 9
    assert (row["isPublic"], row["recurrence"], row["trial"]) == (True, "", False)
