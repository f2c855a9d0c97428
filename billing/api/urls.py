"""Routes of billing (rest.md §5, §6 and §26)."""

from billing.api import invoices, payments, plans
from billing.services import NOTICE_PATH
from whaticket.routing import route

urlpatterns = [
    route("plans", plans.Plans.as_view()),
    route("plans/list", plans.PlanList.as_view()),
    route("plans/all", plans.AllPlans.as_view()),
    route("plans/<id:plan_id>", plans.OnePlan.as_view()),
    route("api/plans", plans.PlatformPlans.as_view()),
    route("api/plans/<id:plan_id>", plans.OnePlatformPlan.as_view()),
    route("invoices", invoices.Invoices.as_view()),
    route("invoices/list", invoices.InvoiceList.as_view()),
    route("invoices/all", invoices.AllInvoices.as_view()),
    route("invoices/<id:invoice_id>", invoices.OneInvoice.as_view()),
    route("api/invoices", invoices.PlatformInvoices.as_view()),
    route("api/invoices/<id:invoice_id>", invoices.OnePlatformInvoice.as_view()),
    route("api/invoicesCompany/<id:company_id>", invoices.InvoicesOfCompany.as_view()),
    route("subscription", payments.Checkout.as_view()),
    route("subscription/create/webhook", payments.Webhook.as_view()),
    route(NOTICE_PATH.removeprefix("/"), payments.Notice.as_view()),
    route("gerencianet-config", payments.ProviderAccount.as_view()),
]
