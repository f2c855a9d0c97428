"""Mails about invoices, in the language of whoever answers for the company."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from accounts.exceptions import UserNotFound
from billing.models import Notice
from billing.services import main_user


def send_notice(notice: Notice) -> bool:
    """Mail a notice to the company; False where it has no address. Raises what the server does."""
    invoice = notice.invoice
    company = invoice.company
    try:
        user = main_user(company)
    except UserNotFound:
        user = None
    address = company.email or (user.email if user else "")
    if not address:
        return False
    context = {
        "name": user.get_short_name() if user else company.name,
        "company": company.name,
        "kind": notice.kind,
        "detail": invoice.detail,
        "amount": invoice.amount,
        "due_on": invoice.due_on,
        "link": invoice.link or settings.FRONTEND_URL,
    }
    with translation.override((user.language if user else "") or settings.LANGUAGE_CODE):
        subject = render_to_string("billing/mail/notice_subject.txt", context)
        text = render_to_string("billing/mail/notice.txt", context)
        html = render_to_string("billing/mail/notice.html", context)
    mail = EmailMultiAlternatives(" ".join(subject.split()), text, to=[address])
    mail.attach_alternative(html, "text/html")
    mail.send()
    return True
