"""The operators' way into a company and out of it: on purpose, with a reason, told to it."""

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import services
from accounts.middleware import VISIT
from accounts.models import User, Visit
from companies.models import Company
from whaticket.params import whole_number

CONSOLE = "/app/"


class EnterForm(forms.Form):
    """Which company, and why."""

    company = forms.ModelChoiceField(
        Company.objects.all(), label=_("Company"), error_messages={"required": _("Choose one.")}
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The company reads it in its event log, such as: asked for help, call 4711."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        # Searched by its name: a platform may have thousands.
        self.fields["company"].widget = AutocompleteSelect(
            Visit._meta.get_field("company"),
            admin.site,
            choices=self.fields["company"].choices,  # type: ignore[attr-defined]
        )


def enter(request: HttpRequest) -> HttpResponse:
    """Ask which company to enter and why; then open its rows here, or its console."""
    target = request.GET.get("next") or request.POST.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = reverse("admin:index")
    form = EnterForm(request.POST or None, initial={"company": _asked_for(request)})
    if request.method == "POST" and form.is_valid():
        _leave(request)
        company: Company = form.cleaned_data["company"]
        # Nobody else gets past the admin's door.
        operator = cast(User, request.user)
        visit = services.enter_company(company, by=operator, reason=form.cleaned_data["reason"])
        request.session[VISIT] = visit.pk
        return HttpResponseRedirect(CONSOLE if "console" in request.POST else target)
    context = {
        **admin.site.each_context(request),
        "title": _("Enter a company"),
        "form": form,
        "next": target,
    }
    return TemplateResponse(request, "accounts/operator_enter.html", context)


def leave(request: HttpRequest) -> HttpResponse:
    """Leave the company."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if _leave(request):
        messages.success(request, _("You have left the company."))
    return HttpResponseRedirect(reverse("admin:index"))


def _leave(request: HttpRequest) -> bool:
    visit_id = request.session.pop(VISIT, None)
    if visit_id is None:
        return False
    services.end_visit(visit_id)
    return True


def _asked_for(request: HttpRequest) -> int | None:
    return whole_number(request.GET.get("company", ""))
