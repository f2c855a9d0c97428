"""The contact beside a conversation: who it is, what is known, and what else was written."""

from django.conf import settings
from django.db.models import Q, Value
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from console.access import person, signed_in, whole_number
from console.formatting import hue, initials, phone
from console.reads.conversation import ticket_ids_of, ticket_or_refuse
from contacts.exceptions import ContactNotFound
from contacts.models import Contact, ContactMerge
from contacts.services import merge_contacts, undo_merge
from messaging.media import media_url
from messaging.models import Message
from tickets.models import Ticket
from tickets.services import sight_of
from whaticket.database import Folded
from whaticket.exceptions import NoPermission
from whaticket.tenancy import current_company_id

_GALLERY = 9
_FORMER = 8
_FOUND = 12


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
            "identities": contact.identities.order_by("kind", "value"),
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
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
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


@require_POST
@signed_in
def merge(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Fold another contact into this one (administrators)."""
    user = person(request)
    if not user.is_admin:
        raise NoPermission
    keep = Contact.objects.filter(pk=contact_id, merged_into=None).first()
    drop = Contact.objects.filter(
        pk=whole_number(request.POST.get("drop")) or 0, merged_into=None
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
