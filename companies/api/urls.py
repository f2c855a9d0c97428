"""Routes of companies (rest.md §4)."""

from companies.api import companies, platform
from whaticket.routing import route

urlpatterns = [
    route("companies/list", companies.CompanyList.as_view()),
    route("companies", companies.Companies.as_view()),
    route("companies/<id:company_id>", companies.OneCompany.as_view()),
    route("companies/<id:company_id>/schedules", companies.Schedules.as_view()),
    route("companies/listPlan/<id:company_id>", companies.CompanyPlan.as_view()),
    route("companiesPlan", companies.CompaniesPlan.as_view()),
    route("api/companies", platform.Companies.as_view()),
    route("api/companies/<id:company_id>", platform.OneCompany.as_view()),
    route("api/companies/<id:company_id>/schedules", platform.Schedules.as_view()),
    route("api/companiesEmail/<str:email>", platform.CompanyByEmail.as_view()),
]
