"""Tags, the lane and notes of a ticket, from the side panel."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.access import person, signed_in, whole_number
from console.reads.conversation import ticket_or_refuse
from contacts.exceptions import TagNotFound
from contacts.models import Tag
from contacts.services import create_tag, tag_or_refuse
from tickets import services
from tickets.models import Ticket
from tickets.services import sight_of
from whaticket.exceptions import Invalid

_SHORTEST, _LONGEST = 3, 255


def _mine(request: HttpRequest, ticket_id: int) -> Ticket:
    return ticket_or_refuse(ticket_id, sight_of(person(request)))


def _text(request: HttpRequest, name: str) -> str:
    """Read a line of a form; raise Invalid where it is too short or too long."""
    text = request.POST.get(name, "").replace("\x00", "").strip()
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise Invalid(details={name: [_("Between 3 and 255 characters are needed.")]})
    return text


@require_POST
@signed_in
def tag(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Put a label on a ticket, made where nobody has used it yet."""
    ticket = _mine(request, ticket_id)
    name = _text(request, "name")
    label = Tag.objects.filter(name__iexact=name, is_lane=False).order_by("pk").first()
    if label is None:
        color = Tag._meta.get_field("color").get_default()
        label = create_tag(name=name, color=color, is_lane=False, by=person(request))
    services.tag_ticket(ticket, label, by=person(request))
    return JsonResponse({"id": ticket_id})


@require_POST
@signed_in
def untag(request: HttpRequest, ticket_id: int, tag_id: int) -> HttpResponse:
    """Take a label off a ticket."""
    ticket = _mine(request, ticket_id)
    services.untag_ticket(ticket, tag_or_refuse(tag_id), by=person(request))
    return JsonResponse({"id": ticket_id})


@require_POST
@signed_in
def lane(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Put a ticket into a lane of the board, or off the board where none is named."""
    ticket = _mine(request, ticket_id)
    if not request.POST.get("lane"):
        services.take_off_board(ticket, by=person(request))
        return JsonResponse({"id": ticket_id})
    wanted = tag_or_refuse(whole_number(request.POST["lane"]) or 0)
    if not wanted.is_lane:
        raise TagNotFound
    services.tag_ticket(ticket, wanted, by=person(request))
    return JsonResponse({"id": ticket_id})


@require_POST
@signed_in
def add_note(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Write a note on the contact of a ticket."""
    ticket = _mine(request, ticket_id)
    services.add_note(ticket.contact, _text(request, "note"), by=person(request), ticket=ticket)
    return JsonResponse({"id": ticket_id})


@require_POST
@signed_in
def delete_note(request: HttpRequest, note_id: int) -> HttpResponse:
    """Remove a note of one's own (administrators: any)."""
    user = person(request)
    services.delete_note(services.note_or_refuse(note_id, sight_of(user)), by=user)
    return JsonResponse({"id": note_id})
