"""A text on WhatsApp for whoever registered a company: a courtesy, which nothing depends on."""

import re

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from companies.models import Company
from contacts.identity import phone_from
from messaging.services.say import in_company_language
from whaticket.exceptions import DomainError
from whaticket.tenancy import in_company
from whatsapp.drivers.base import Identity, IdentityKind
from whatsapp.models import Connection
from whatsapp.services.external.direct import write_direct

log = structlog.get_logger(__name__)

# A Brazilian number without its country: area and eight or nine digits.
_LOCAL = re.compile(r"0?(\d{10,11})")


def welcome_company(company_id: int) -> bool:
    """Leave a welcome for a new company's phone with the platform's default connection.

    Runs in the transaction of the registration: it is written exactly once, or not at all. Tell
    whether it was written; there may be no phone, no connection, or one that cannot carry it.
    """
    company = Company.objects.get(pk=company_id)
    phone = _phone_of(company)
    if not phone or company_id == Company.OWNER_ID:
        return False
    try:
        with transaction.atomic(), in_company(Company.OWNER_ID):
            # Not only while it is connected: a greeting may wait, and goes out once.
            own = Connection.objects.filter(is_default=True, channel="whatsapp")
            connection = own.order_by("pk").first()
            if connection is None:
                return False
            write_direct(
                connection, (Identity(IdentityKind.PHONE, phone),), body=_text_for(company)
            )
    except (DomainError, DatabaseError, LookupError) as error:
        # Nobody shall fail to register because of a greeting.
        log.warning("welcome.not_written", company=company_id, error=type(error).__name__)
        return False
    return True


def _phone_of(company: Company) -> str:
    digits = re.sub(r"\D", "", company.phone)
    local = _LOCAL.fullmatch(digits)
    return phone_from(f"55{local[1]}" if local else digits)


def _text_for(company: Company) -> str:
    # The address to sign in with and the place: never the password.
    with in_company_language():
        return _(
            "Welcome! %(company)s is ready. Sign in as %(email)s at %(link)s and connect your"
            " number."
        ) % {"company": company.name, "email": company.email, "link": settings.FRONTEND_URL}
