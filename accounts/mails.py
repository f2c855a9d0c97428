"""Mails to people, in their language, as text and HTML."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import User
from companies.models import LoginConfig
from companies.services import login_config


def send_recovery(user: User, secret: str) -> None:
    """Mail the link that lets a person set a new password. Raises what the mail server does.

    Through the server of the platform's login config where it names one, else that of the
    environment.
    """
    link = f"{settings.FRONTEND_URL}/reset-password?token={secret}"
    _send("recovery", user, server=login_config(), link=link)


def send_welcome(user: User) -> None:
    """Welcome a new administrator. No password is ever mailed."""
    _send("welcome", user, link=settings.FRONTEND_URL, due_on=user.company.due_on)


def _send(kind: str, user: User, *, server: LoginConfig | None = None, **context: Any) -> None:
    context |= {"name": user.get_short_name(), "company": user.company.name}
    with translation.override(user.language or settings.LANGUAGE_CODE):
        subject = render_to_string(f"accounts/mail/{kind}_subject.txt", context)
        text = render_to_string(f"accounts/mail/{kind}.txt", context)
        html = render_to_string(f"accounts/mail/{kind}.html", context)
    mail = EmailMultiAlternatives(" ".join(subject.split()), text, to=[user.email])
    if server is not None and server.has_mail_server:
        mail.connection = _connection(server)
        mail.from_email = server.mail_from
    mail.attach_alternative(html, "text/html")
    mail.send()


def _connection(server: LoginConfig) -> BaseEmailBackend:
    # By custom 465 speaks TLS from the first byte, every other port after STARTTLS.
    is_wrapped = server.mail_secure and server.mail_port == 465
    connection: BaseEmailBackend = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=server.mail_host,
        port=server.mail_port,
        username=server.mail_user,
        password=server.mail_credentials.get("password", ""),
        use_ssl=is_wrapped,
        use_tls=server.mail_secure and not is_wrapped,
        timeout=10,
    )
    return connection
