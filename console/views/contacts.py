"""The contact beside a conversation: who it is, what is known, and what else was written."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q, Value
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from console.access import person, signed_in, whole_number
from console.asked import search_text
from console.formatting import hue, initials, phone
from console.reads.conversation import ticket_ids_of, ticket_or_refuse
from console.reads.tagging import tagging_of
from contacts.exceptions import ContactNotFound
from contacts.models import Contact, ContactMerge, Tag
from contacts.services import contact_or_refuse, merge_contacts, undo_merge, update_contact
from messaging.media import media_url
from messaging.models import Message
from tickets.models import Ticket
from tickets.services import sight_of
from whaticket.database import Folded
from whaticket.exceptions import Invalid, NoPermission
from whaticket.tenancy import current_company_id

_GALLERY = 9
_FORMER = 8
_FOUND = 12
_FIELDS_MAX = 200
_TAGS_MAX = 50


@require_GET
@signed_in
def details(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Show the contact of a ticket."""
    user = person(request)
    sight = sight_of(user)
    ticket = ticket_or_refuse(ticket_id, sight)
    contact = ticket.contact
    pictures = (
        Message.objects.filter(
            ticket_id__in=ticket_ids_of(ticket, sight),
            kind__in=[Message.Kind.IMAGE, Message.Kind.VIDEO],
            media_state=Message.MediaState.READY,
            deleted_at=None,
        )
        .order_by("-sent_at")
        .only("media_path", "media_name", "thumbnail_path", "kind")[:_GALLERY]
    )
    company_id = current_company_id()
    former = Ticket.objects.visible_to(sight).filter(contact=contact).exclude(pk=ticket.pk)
    return render(
        request,
        "console/parts/details.html",
        {
            "t": ticket,
            "c": contact,
            "me": user,
            "identities": contact.identities.exclude(value=contact.address).order_by(
                "kind", "value"
            ),
            "fields": contact.fields.order_by("pk"),
            "tags": contact.tags.order_by("name"),
            "wallet": User.objects.filter(
                pk__in=contact.wallets.values_list("agent_id", flat=True), company_id=company_id
            ),
            "former": former.select_related("queue").order_by("-pk")[:_FORMER],
            "pictures": [
                {
                    "url": _own(media_url(company_id, row.media_path, row.media_name)),
                    "small": _own(media_url(company_id, row.thumbnail_path))
                    if row.thumbnail_path
                    else "",
                    "kind": row.kind,
                    "name": row.media_name,
                }
                for row in pictures
            ],
            "twins": _twins(contact) if user.is_admin else [],
            "merges": contact.merges.filter(undone_at=None).select_related("merged"),
            **tagging_of(ticket, sight),
        },
    )


def _own(url: str) -> str:
    return url.removeprefix(settings.BACKEND_URL)


def _twins(contact: Contact) -> list[Contact]:
    """Suggest contacts of the very same name: a person who came under two identities."""
    if len(contact.name) < 3 or contact.is_group:
        return []
    same = Contact.objects.alias(folded=Folded("name")).filter(
        folded=Folded(Value(contact.name)), is_group=False, merged_into=None
    )
    return list(same.exclude(pk=contact.pk)[:2])


@require_GET
@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """Find contacts by part of a name or number."""
    text = search_text(request)
    if len(text) < 2:
        return JsonResponse({"contacts": []})
    digits = "".join(letter for letter in text if letter.isdigit())
    wanted = Q(folded__contains=Folded(Value(text)))
    if len(digits) > 2:
        wanted |= Q(address__contains=digits)
    found = Contact.objects.alias(folded=Folded("name")).filter(wanted, merged_into=None)
    return JsonResponse(
        {
            "contacts": [
                {
                    "id": contact.pk,
                    "name": contact.name,
                    "number": phone(contact.address),
                    "initials": initials(contact.name),
                    "hue": hue(contact.pk),
                }
                for contact in found.order_by("name", "pk")[:_FOUND]
            ]
        }
    )


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show what is known of a contact as a form (GET), and change it (POST)."""
    contact = contact_or_refuse(contact_id)
    if request.method == "GET":
        return render(request, "console/dialogs/contact.html", contact_form(request, contact))
    # Empty where the form has no such field, or somebody cleared it: the number stays.
    number = _line(request.POST.get("number", "")) or None
    update_contact(contact, by=person(request), number=number, **said_of_contact(request))
    return JsonResponse({"id": contact_id})


def said_of_contact(request: HttpRequest) -> dict[str, Any]:
    """Read what a form says about a contact; raise Invalid with all that is wrong."""
    name, email = _line(request.POST.get("name", "")), _line(request.POST.get("email", ""))
    wrong = {}
    if not name:
        wrong["name"] = [_("A contact needs a name.")]
    if email and not is_email(email):
        wrong["email"] = [_("This is no e-mail address.")]
    if wrong:
        raise Invalid(details=wrong)
    return {
        "name": name,
        "email": email,
        "fields": _fields(request),
        "tags": _tag_names(request),
        "wallets": [
            pk for pk in map(whole_number, request.POST.getlist("wallet")) if pk is not None
        ],
        "is_active": "blocked" not in request.POST,
        "bot_disabled": "bot_disabled" in request.POST,
    }


def contact_form(request: HttpRequest, contact: Contact | None) -> dict[str, Any]:
    """Give what the form of a contact, or of a new one, shows."""
    held = set(contact.tags.values_list("pk", flat=True)) if contact else set()
    agents = set(contact.wallets.values_list("agent_id", flat=True)) if contact else set()
    people = User.objects.of_company(current_company_id()).order_by("name")
    return {
        "c": contact,
        # Which page asks, and hears that it is saved.
        "then": "contacts" if request.GET.get("then") == "contacts" or not contact else "details",
        "fields": contact.fields.order_by("pk") if contact else [],
        "tags": [(tag, tag.pk in held) for tag in Tag.objects.filter(is_lane=False)],
        "people": [(agent, agent.pk in agents) for agent in people],
    }


def _fields(request: HttpRequest) -> list[dict[str, str]]:
    names, values = request.POST.getlist("field_name"), request.POST.getlist("field_value")
    pairs = [(_line(name), _line(value)) for name, value in zip(names, values, strict=False)]
    return [{"name": name, "value": value} for name, value in pairs if name][:_FIELDS_MAX]


def _tag_names(request: HttpRequest) -> list[str]:
    wanted = [*request.POST.getlist("tag"), *request.POST.get("new_tags", "").split(",")]
    return [name for name in dict.fromkeys(map(_line, wanted)) if name][:_TAGS_MAX]


def is_email(text: str) -> bool:
    """Tell whether a text could be an e-mail address."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _line(text: str) -> str:
    return text.replace("\x00", "").strip()[:255]


@require_POST
@signed_in
def merge(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Fold another contact into this one (administrators)."""
    user = person(request)
    if not user.is_admin:
        raise NoPermission
    keep = Contact.objects.filter(pk=contact_id, merged_into=None).first()
    drop = Contact.objects.filter(
        pk=whole_number(request.POST.get("drop") or request.POST.get("contact")) or 0,
        merged_into=None,
    ).first()
    if keep is None or drop is None:
        raise ContactNotFound
    merge_contacts(keep, drop, by=user)
    made = ContactMerge.objects.filter(kept=keep, merged=drop, undone_at=None).latest("pk")
    return JsonResponse({"merge": made.pk})


@require_POST
@signed_in
def unmerge(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Take two merged contacts apart again (administrators)."""
    user = person(request)
    if not user.is_admin:
        raise NoPermission
    undo_merge(get_object_or_404(ContactMerge, pk=merge_id), by=user)
    return JsonResponse({"merge": merge_id})
