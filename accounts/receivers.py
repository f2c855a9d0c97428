"""What people and their screens hear about people (realtime.md §4.4)."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import ports, services, wire
from accounts.events import (
    SessionsEnded,
    UserCreated,
    UserPresenceChanged,
    UserRemoved,
    UserSignedIn,
    UserUpdated,
)
from accounts.middleware import VISIT
from accounts.models import User
from accounts.tasks import mail_welcome
from companies.events import CompanySignedUp, CompanySuspended
from events.bus import on
from events.realtime import Audience, Frame, emit, sight_changed, signal_now
from whaticket.renderers import wire_time
from whaticket.tasks import wake
from whaticket.tenancy import current_company_id


@on(UserCreated)
def show_new_people(events: Sequence[UserCreated]) -> None:
    """Tell the company who joined."""
    emit(_frames("create", [event.user_id for event in events]))


@on(UserUpdated)
def show_changed_people(events: Sequence[UserUpdated]) -> None:
    """Tell the company who changed, and the hubs whose sight did."""
    emit(_frames("update", [event.user_id for event in events]))
    moved = sorted({event.user_id for event in events if event.sight_changed})
    if moved:
        sight_changed(moved)


@on(UserRemoved)
def show_removed_people(events: Sequence[UserRemoved]) -> None:
    """Tell the company who left, and the hubs that they see nothing any more."""
    name = f"company-{current_company_id()}-user"
    emit(
        [
            Frame(name, orjson.dumps({"action": "delete", "userId": event.user_id}))
            for event in events
        ]
    )
    sight_changed([event.user_id for event in events])


@on(UserPresenceChanged)
def show_presence(events: Sequence[UserPresenceChanged]) -> None:
    """Tell the company who came and went; fleeting, so nothing is kept of it."""
    signal_now(_frames("update", [event.user_id for event in events]))


@on(UserSignedIn)
def show_sign_in(events: Sequence[UserSignedIn]) -> None:
    """Tell a person's other screens that they signed in elsewhere; no token goes along."""
    company_id = current_company_id()
    frames = []
    for user in User.objects.filter(pk__in={event.user_id for event in events}):
        who = {"id": user.pk, "email": user.email, "companyId": company_id}
        frames.append(
            Frame(
                f"company-{company_id}-auth",
                orjson.dumps({"action": "update", "user": who}),
                Audience(users=(user.pk,)),
            )
        )
    emit(frames)


@on(SessionsEnded)
def cut_sockets(events: Sequence[SessionsEnded]) -> None:
    """Let the hubs look again at a person's sockets: those of ended sign-ins must go."""
    sight_changed(sorted({event.user_id for event in events}))


@on(CompanySuspended)
def cut_company(events: Sequence[CompanySuspended]) -> None:
    """Let the hubs look again at everybody of a company that was switched off."""
    company_id = current_company_id()
    sight_changed(list(User.objects.of_company(company_id).values_list("pk", flat=True)))


@on(CompanySignedUp)
def welcome(events: Sequence[CompanySignedUp]) -> None:
    """Have a mail sent to whoever registered."""
    for event in events:
        wake(mail_welcome, event.admin_id)


def _frames(action: str, user_ids: Sequence[int]) -> list[Frame]:
    name = f"company-{current_company_id()}-user"
    people = User.objects.present().select_related("company__subscription__plan")
    found = {user.pk: user for user in people.filter(pk__in=user_ids)}
    queues = ports.queues_of(list(found))
    return [
        Frame(
            name,
            orjson.dumps(
                {"action": action, "user": wire.user_show(found[pk], queues.get(pk, []))},
                default=_default,
                option=orjson.OPT_PASSTHROUGH_DATETIME,
            ),
        )
        for pk in dict.fromkeys(user_ids)
        if pk in found
    ]


def _default(value: Any) -> str:
    return wire_time(value)


@receiver(user_logged_out)
def end_the_visit(request: HttpRequest, **kwargs: Any) -> None:
    """An operator who signs out leaves the company they were in."""
    session = getattr(request, "session", None)
    if session is not None and (visit_id := session.get(VISIT)) is not None:
        services.end_visit(visit_id)
