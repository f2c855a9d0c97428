"""What an agent does with a ticket. The rules are those of tickets; this asks and answers."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from console.access import person, signed_in, whole_number
from console.reads.conversation import ticket_or_refuse
from messaging.services.greet import accept_and_greet
from messaging.services.read import read_conversation
from tickets import services
from tickets.exceptions import TicketNotFound, TicketTaken
from tickets.models import Queue, QueueMember, Ticket
from tickets.services import sight_of
from whaticket.exceptions import Invalid
from whaticket.tenancy import current_company_id

_NOTE_MAX = 4096


def _mine(request: HttpRequest, ticket_id: int) -> Ticket:
    return ticket_or_refuse(ticket_id, sight_of(person(request)))


def _done(ticket: Ticket, **more: Any) -> JsonResponse:
    return JsonResponse(
        {
            "id": ticket.pk,
            "status": ticket.status,
            "agent": ticket.agent_id,
            "url": reverse("console:ticket", args=[ticket.pk]),
            **more,
        }
    )


@require_POST
@signed_in
def accept(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Take a waiting ticket; whoever comes second hears who was faster."""
    user = person(request)
    reach = Ticket.objects.within_reach_of(sight_of(user)).filter(pk=ticket_id)
    ticket = reach.select_related("connection").first()
    if ticket is None:
        raise TicketNotFound
    try:
        return _done(
            accept_and_greet(ticket, by=user, queue_id=whole_number(request.POST.get("queue")))
        )
    except TicketTaken as taken:
        winner = reach.select_related("agent").first()
        name = winner.agent.name if winner and winner.agent else None
        words = _("%(name)s took it") % {"name": name} if name else _("A colleague took it")
        return JsonResponse({"error": taken.code, "message": words}, status=taken.status)


@require_POST
@signed_in
def close(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """End a conversation."""
    return _done(services.close_ticket(_mine(request, ticket_id), by=person(request)))


@require_POST
@signed_in
def reopen(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Take a closed conversation up again; where another one is live, that one is the answer."""
    user = person(request)
    return _done(services.reopen_ticket(_mine(request, ticket_id), by=user, agent_id=user.pk))


@require_POST
@signed_in
def give_back(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Put a ticket back to the waiting list."""
    return _done(services.return_ticket(_mine(request, ticket_id), by=person(request)))


@require_POST
@signed_in
def read(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Clear the badge of the conversation on screen, where that is this person's to do."""
    user = person(request)
    ticket = _mine(request, ticket_id)
    # A manager who only looks must not make the customer believe that somebody is answering.
    if ticket.agent_id == user.pk or ticket.is_group:
        read_conversation(ticket, by=user)
    return JsonResponse({"id": ticket.pk})


@require_POST
@signed_in
def unread(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Give a ticket its badge back, as a reminder."""
    return _done(services.mark_unread(_mine(request, ticket_id), by=person(request)))


@require_http_methods(["GET", "POST"])
@signed_in
def transfer(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Ask where a ticket should go (GET), and hand it over (POST)."""
    ticket = _mine(request, ticket_id)
    if request.method == "GET":
        return render(
            request,
            "console/dialogs/transfer.html",
            {"t": ticket, "c": ticket.contact, "me": person(request), **_destinations()},
        )
    queue_id = whole_number(request.POST.get("queue"))
    agent_id = whole_number(request.POST.get("agent"))
    if queue_id is None and agent_id is None:
        raise Invalid(details={"queue": [_("Choose a queue or a colleague.")]})
    moved = services.transfer_ticket(
        ticket,
        by=person(request),
        queue_id=services.KEEP if queue_id is None else queue_id,
        agent_id=agent_id,
        note=request.POST.get("note", "").replace("\x00", "").strip()[:_NOTE_MAX],
        is_announced=True,
    )
    return _done(moved)


def _destinations() -> dict[str, Any]:
    members: dict[int, list[int]] = {}
    for user_id, queue_id in QueueMember.objects.values_list("user_id", "queue_id"):
        members.setdefault(user_id, []).append(queue_id)
    agents = User.objects.of_company(current_company_id()).filter(is_active=True)
    people = [
        {
            "user": agent,
            "queues": ",".join(map(str, members.get(agent.pk, []))),
            "everywhere": agent.is_admin or agent.profile == User.Profile.SUPERVISOR,
        }
        for agent in agents.order_by("-is_online", "name")
    ]
    return {"queues": Queue.objects.all(), "people": people}


@require_POST
@signed_in
def take_over(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Take a colleague's conversation."""
    user = person(request)
    return _done(
        services.transfer_ticket(
            _mine(request, ticket_id), by=user, queue_id=services.KEEP, agent_id=user.pk
        )
    )
