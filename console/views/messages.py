"""What an agent does with messages. Every rule is one of messaging."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from console.access import person, signed_in, whole_number
from console.reads.conversation import message_or_refuse, ticket_or_refuse
from console.reads.quick_messages import quick_message_or_refuse
from contacts.exceptions import ContactNotFound
from contacts.models import Contact
from messaging.media import StoredMedia, discard, store_upload
from messaging.models import Message
from messaging.services.delete import delete_message
from messaging.services.edit import edit_message
from messaging.services.forward import forward_messages
from messaging.services.kept import copy_of
from messaging.services.react import react_to
from messaging.services.resend import resend_message
from messaging.services.send import Draft, send_message
from tickets.services import sight_of
from whaticket.exceptions import DomainError, Invalid

_KEY_MAX = 64


def _message(request: HttpRequest, message_id: int) -> Message:
    return message_or_refuse(message_id, sight_of(person(request)))


def _text(request: HttpRequest, name: str = "body") -> str:
    return request.POST.get(name, "").replace("\x00", "").replace("\r\n", "\n").strip("\n")


@require_POST
@signed_in
def send(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Write a message, a file, or a private note into a conversation.

    The file may be that of a quick message, by its id (`quick`). The page's `key` makes a second
    attempt find the first one's message.
    """
    user = person(request)
    ticket = ticket_or_refuse(ticket_id, sight_of(user))
    private = request.POST.get("private") == "1"
    key = request.POST.get("key", "")[:_KEY_MAX]
    quoted_id = whole_number(request.POST.get("quoted")) or 0
    quoted = Message.objects.filter(pk=quoted_id, ticket__contact=ticket.contact_id).first()
    stored = _file(request, user)
    kind = stored.kind if stored else Message.Kind.TEXT
    if stored and request.POST.get("voice") == "1" and kind == Message.Kind.AUDIO:
        kind = Message.Kind.VOICE
    draft = Draft(kind=kind, body=_text(request), quoted=quoted, media=stored, is_private=private)
    try:
        message = send_message(
            ticket, draft, by=user, idempotency_key=f"app:{user.pk}:{key}" if key else None
        )
    except DomainError:
        if stored:
            discard(stored)
        raise
    if stored and message.media_path != stored.path:
        # It was sent before under this key.
        discard(stored)
    return JsonResponse({"id": message.pk, "status": message.status})


def _file(request: HttpRequest, user: User) -> StoredMedia | None:
    quick_id = whole_number(request.POST.get("quick"))
    if quick_id is not None:
        row = quick_message_or_refuse(quick_id, user)
        return copy_of(row) if row.media_path else None
    upload = request.FILES.get("file")
    return store_upload(upload, name=upload.name or "") if upload else None


@require_POST
@signed_in
def edit(request: HttpRequest, message_id: int) -> HttpResponse:
    """Give an own message another wording."""
    edited = edit_message(_message(request, message_id), body=_text(request), by=person(request))
    return JsonResponse({"id": edited.pk})


@require_POST
@signed_in
def delete(request: HttpRequest, message_id: int) -> HttpResponse:
    """Take a message back, or remove a note."""
    delete_message(_message(request, message_id), by=person(request))
    return JsonResponse({"id": message_id})


@require_POST
@signed_in
def react(request: HttpRequest, message_id: int) -> HttpResponse:
    """Put an emoji on a message; an empty one takes it away."""
    react_to(
        _message(request, message_id),
        emoji=request.POST.get("emoji", "").strip()[:32],
        by=person(request),
    )
    return JsonResponse({"id": message_id})


@require_POST
@signed_in
def resend(request: HttpRequest, message_id: int) -> HttpResponse:
    """Send a failed or doubtful message again, because a person decided so."""
    message = resend_message(_message(request, message_id), by=person(request))
    return JsonResponse({"id": message.pk, "status": message.status})


@require_http_methods(["GET", "POST"])
@signed_in
def forward(request: HttpRequest, message_id: int) -> HttpResponse:
    """Ask to whom (GET), and pass a message on (POST)."""
    message = _message(request, message_id)
    if request.method == "GET":
        return render(request, "console/dialogs/forward.html", {"m": message})
    contacts = [pk for pk in map(whole_number, request.POST.getlist("contact")) if pk is not None]
    if not contacts:
        raise Invalid(details={"contact": [_("Choose a contact.")]})
    people = list(Contact.objects.filter(pk__in=contacts, merged_into=None))
    if not people:
        raise ContactNotFound
    sent = [
        row.pk for to in people for row in forward_messages([message], to=to, by=person(request))
    ]
    return JsonResponse({"sent": sent})
