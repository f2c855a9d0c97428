"""A company's name and facts are refused by the services themselves, and nothing changes."""

import pytest

from companies import services
from companies.exceptions import CompanyNameInvalid, CompanyNameTaken
from companies.models import Company


@pytest.mark.parametrize("name", ["", " ", "x", " x "])
def test_a_name_has_two_characters(companies, name):
    with pytest.raises(CompanyNameInvalid):
        services.update_company(companies.acme, by_id=None, name=name)
    with pytest.raises(CompanyNameInvalid):
        services.create_company(name=name)
    assert Company.objects.get(pk=companies.acme.pk).name == "Acme"


def test_a_name_belongs_to_one_company(companies):
    acme = Company.objects.get(pk=companies.acme.pk)
    with pytest.raises(CompanyNameTaken):
        services.update_company(acme, by_id=None, name="Globex")
    assert Company.objects.get(pk=acme.pk).name == "Acme"


def test_only_facts_of_a_company_are_changed(companies):
    with pytest.raises(TypeError, match="is_active"):
        services.update_company(companies.acme, by_id=None, is_active=False)
