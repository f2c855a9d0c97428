"""What every page of the console needs around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from console.access import person
from console.formatting import max_upload
from console.navigation import navigation_for, pages_for
from console.reads.billing import due_of
from console.reads.inbox import View, counts_of
from console.reads.notices import announcements_shown
from console.reads.team import unread_rooms
from console.texts import for_scripts

THEME_COOKIE = "theme"
THEMES = ("system", "light", "dark")


def theme_of(request: HttpRequest) -> str:
    """Give the theme to draw in: this browser's wish, else the person's, else the system's."""
    wish = request.COOKIES.get(THEME_COOKIE)
    if wish in THEMES:
        return wish
    user = request.user
    return user.default_theme if user.is_authenticated else "system"


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give what the base template needs for anybody, signed in or not."""
    return {
        "theme": theme_of(request),
        "themes": THEMES,
        "language": get_language(),
        "languages": settings.LANGUAGES,
    }


def shell(request: HttpRequest, *, section: str) -> dict[str, Any]:
    """Give what pages of signed-in people need: the rail, the badge, facts for the scripts."""
    user = person(request)
    counts = counts_of(View.of(request))
    unread = unread_rooms(user)
    return {
        **frame(request),
        "section": section,
        "me": user,
        "counts": counts,
        "team_unread": bool(unread),
        "notices": announcements_shown(),
        "due": due_of(user) if section != "billing" else None,
        **navigation_for(user, section),
        "facts": {
            "user": {"id": user.pk, "name": user.name, "firstName": user.get_short_name()},
            "company": user.company_id,
            "language": get_language(),
            "maxBytes": max_upload(),
            "pages": pages_for(user),
            "teamUnread": unread,
            "login": settings.LOGIN_URL,
            "urls": {
                "inbox": reverse("console:inbox"),
                "list": reverse("console:list"),
                "cards": reverse("console:cards"),
                "palette": reverse("console:palette"),
                "new": reverse("console:new"),
                "theme": reverse("console:theme"),
                "connectionRows": reverse("console:connection-rows"),
                "contactSearch": reverse("console:contact-search"),
                "quickMessages": reverse("console:quick-messages"),
                "quickRows": reverse("console:quick-rows"),
                "quickOffers": reverse("console:quick-offers"),
                "team": reverse("console:team"),
                "notices": reverse("console:notices"),
                "todos": reverse("console:todos"),
            },
        },
        "texts": for_scripts(),
    }


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str, status: int = 200
) -> HttpResponse:
    """Draw a whole page of the console."""
    return render(request, template, {**shell(request, section=section), **context}, status=status)
