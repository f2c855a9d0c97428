"""The plan and the invoices of a company, and paying them by PIX.

The one page that stays open to administrators of a company that is switched off until it pays.
"""

from typing import Any

import qrcode
import qrcode.image.svg
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST

from billing import services
from billing.models import Invoice
from console.access import company_admins, debtors_may, person
from console.navigation import navigation_for
from console.reads.billing import bills, deal_of, owes
from console.reads.paging import number_of
from console.texts import for_scripts
from console.views import shell


def _bills(request: HttpRequest) -> dict[str, Any]:
    return {"page": bills(person(request), number_of(request))}


@require_GET
@company_admins
@debtors_may
def page(request: HttpRequest) -> HttpResponse:
    """Show the plan with what of it is used, and the invoices."""
    user = person(request)
    deal = deal_of(user)
    context = {
        **_bills(request),
        "deal": deal,
        "may_order": deal.subscription is not None and bool(deal.price) and not owes(user),
    }
    if not user.is_shut_out:
        context["layout"] = "console/manage.html"
        return shell.page(request, "console/billing.html", context, section="billing")
    # Nothing of the company is shown around it, and no socket opens.
    bare = {
        **shell.frame(request),
        **navigation_for(user, "billing"),
        "layout": "console/till.html",
        "me": user,
        "facts": {"user": {"id": user.pk}, "login": "/app/login/"},
        "texts": for_scripts(),
    }
    return render(request, "console/billing.html", {**bare, **context})


@require_GET
@company_admins
@debtors_may
def rows(request: HttpRequest) -> HttpResponse:
    """Show the invoices again, or more of them."""
    return render(request, "console/parts/billing_rows.html", _bills(request))


@require_POST
@company_admins
@debtors_may
def order(request: HttpRequest) -> HttpResponse:
    """Ask for the invoice that comes next, to pay it now."""
    user = person(request)
    invoice = services.order_invoice(user.company_id, by_id=user.pk)
    return JsonResponse({"id": invoice.pk})


def _own(request: HttpRequest, invoice_id: int) -> Invoice:
    return services.find_invoice(invoice_id, company_id=person(request).company_id)


@require_POST
@company_admins
@debtors_may
def charge(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Have an invoice charged by PIX; give what to scan and what to copy."""
    invoice = _own(request, invoice_id)
    made = services.open_charge(invoice)
    code = str(made.answer.get("qrcode", {}).get("qrcode", ""))
    context = {"invoice": invoice, "charge": made, "code": code, "qr": _drawing(code)}
    html = render_to_string("console/parts/billing_charge.html", context, request)
    return JsonResponse({"html": html})


@require_GET
@company_admins
@debtors_may
def state(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Tell whether an invoice is paid, for a page that waits without a socket."""
    invoice = _own(request, invoice_id)
    return JsonResponse({"paid": invoice.status == Invoice.Status.PAID})


def _drawing(code: str) -> SafeString:
    image = qrcode.make(code, image_factory=qrcode.image.svg.SvgPathImage, border=0)
    # Safe: made here, of squares only.
    return mark_safe(image.to_string(encoding="unicode"))  # noqa: S308
