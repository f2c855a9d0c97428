"""Where things begin: a new conversation, and the installed app."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from console.access import person, signed_in, whole_number
from console.branding import look_for
from console.formatting import bare_phone
from console.reads.inbox import queues_for
from contacts.exceptions import ContactNotFound, InvalidNumber
from contacts.identity import Identity, phone_from
from contacts.models import Contact
from contacts.services import Profile, contact_or_refuse, identify_contacts
from tickets import services
from tickets.exceptions import OtherOpenTicket
from tickets.services import sight_of
from whatsapp.models import Connection


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the console as an app that can be installed."""
    icons = [("any", "console/mark.svg"), ("maskable", "console/mark-maskable.svg")]
    look = look_for(request)
    own = {"src": look.favicon, "sizes": "256x256", "type": "image/png", "purpose": "any"}
    return JsonResponse(
        {
            "name": look.name,
            "short_name": look.name[:30],
            "start_url": reverse("console:inbox"),
            "scope": reverse("console:inbox"),
            "display": "standalone",
            "background_color": "#f3f2ed",
            "theme_color": "#0a6e55",
            "icons": [own]
            if look.favicon
            else [
                {"src": static(path), "sizes": "any", "type": "image/svg+xml", "purpose": purpose}
                for purpose, path in icons
            ],
        },
        content_type="application/manifest+json",
    )


@require_http_methods(["GET", "POST"])
@signed_in
def new_conversation(request: HttpRequest) -> HttpResponse:
    """Ask with whom (GET), and open the ticket (POST); a live one of the contact is the answer."""
    user = person(request)
    if request.method == "GET":
        chosen = whole_number(request.GET.get("contact"))
        known = contact_or_refuse(chosen) if chosen is not None else None
        context = {
            "connections": Connection.objects.all(),
            "queues": queues_for(sight_of(user)),
            "contact": chosen,
            "number": bare_phone(known.name) if known else request.GET.get("number", "")[:32],
            "name": request.GET.get("name", "")[:100],
        }
        return render(request, "console/dialogs/new.html", context)
    contact = _contact(request)
    try:
        ticket = services.open_ticket_for(
            contact,
            by=user,
            queue_id=whole_number(request.POST.get("queue")),
            connection_id=whole_number(request.POST.get("connection")),
        )
    except OtherOpenTicket as other:
        found = other.details.get("ticket") or {}
        return JsonResponse(
            {
                "error": other.code,
                "message": _("There is already an open ticket with this contact."),
                "id": found.get("id"),
            },
            status=other.status,
        )
    return JsonResponse({"id": ticket.pk, "url": reverse("console:ticket", args=[ticket.pk])})


def _contact(request: HttpRequest) -> Contact:
    contact_id = whole_number(request.POST.get("contact"))
    if contact_id is not None:
        found = Contact.objects.filter(pk=contact_id, merged_into=None).first()
        if found is None:
            raise ContactNotFound
        return found
    digits = phone_from(request.POST.get("number", ""))
    if not digits:
        raise InvalidNumber
    name = request.POST.get("name", "").replace("\x00", "").strip()[:100]
    profile = Profile((Identity("phone", digits),), name=name or digits)
    return identify_contacts([profile])[0]
