"""Mails to people, in their language, as text and HTML."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import User


def send_recovery(user: User, secret: str) -> None:
    """Mail the link that lets a person set a new password. Raises what the mail server does."""
    _send("recovery", user, link=f"{settings.FRONTEND_URL}/reset-password?token={secret}")


def send_welcome(user: User) -> None:
    """Welcome a new administrator. No password is ever mailed."""
    _send("welcome", user, link=settings.FRONTEND_URL, due_on=user.company.due_on)


def _send(kind: str, user: User, **context: Any) -> None:
    context |= {"name": user.get_short_name(), "company": user.company.name}
    with translation.override(user.language or settings.LANGUAGE_CODE):
        subject = render_to_string(f"accounts/mail/{kind}_subject.txt", context)
        text = render_to_string(f"accounts/mail/{kind}.txt", context)
        html = render_to_string(f"accounts/mail/{kind}.html", context)
    mail = EmailMultiAlternatives(" ".join(subject.split()), text, to=[user.email])
    mail.attach_alternative(html, "text/html")
    mail.send()
