"""Addresses from outside lead to one company each."""

import pytest

from dispatch.models import Route
from dispatch.services import RouteTaken, add_route, drop_routes, find_route
from whaticket.tenancy import in_company, in_schema


def test_a_token_leads_to_its_company_and_is_kept_hashed(companies):
    add_route("api_token", "secret-of-acme", connection_id=3)

    with in_schema("public"):
        route = find_route("api_token", "secret-of-acme")
    assert (route.company_id, route.connection_id) == (companies.acme.pk, 3)
    assert "secret-of-acme" not in Route.objects.get().key


def test_an_address_of_another_company_cannot_be_taken(companies):
    add_route("phone_number_id", "1234", connection_id=3)

    with in_company(companies.globex.pk), pytest.raises(RouteTaken):
        add_route("phone_number_id", "1234", connection_id=3)
    assert find_route("phone_number_id", "1234").company_id == companies.acme.pk


def test_a_new_token_ends_the_former_one(companies):
    add_route("api_token", "first-token", connection_id=3)
    add_route("api_token", "second-token", connection_id=3)

    assert find_route("api_token", "first-token") is None
    assert find_route("api_token", "second-token") is not None


def test_a_refused_address_leaves_the_former_one(companies):
    add_route("api_token", "of-another", connection_id=4)
    add_route("api_token", "mine", connection_id=3)

    with pytest.raises(RouteTaken):
        add_route("api_token", "of-another", connection_id=3)
    assert find_route("api_token", "mine").connection_id == 3


def test_dropping_touches_only_the_own_connection(companies):
    add_route("api_token", "mine", connection_id=3)
    add_route("webhook_key", "key", connection_id=3)
    with in_company(companies.globex.pk):
        add_route("api_token", "theirs", connection_id=3)

    drop_routes(3, "webhook_key")
    assert find_route("webhook_key", "key") is None
    assert find_route("api_token", "mine")
    drop_routes(3)
    assert find_route("api_token", "mine") is None
    assert find_route("api_token", "theirs")


@pytest.mark.parametrize("odd", ["", "\ud800", "x" * 5000, "\u0130"])
def test_odd_tokens_lead_nowhere(companies, odd):
    assert find_route("api_token", odd) is None
