"""What a change of a company publishes, once, naming who made it."""

from companies.events import CompanyUpdated
from companies.services import update_company


def test_a_changed_company_says_what_changed(cast, heard):
    for _ in range(2):
        update_company(cast.acme, by_id=cast.rui.pk, phone="1133334444")
    (event,) = heard(CompanyUpdated)
    assert (event["company_id"], event["fields"]) == (cast.acme.pk, ["phone"])
    assert event["by_id"] == cast.rui.pk
