"""What must be there before some routes have something good to answer."""

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from django.core import mail

from accounts import tasks
from billing import services
from billing.models import Plan
from billing.tests.efi_server import CLIENT
from companies.models import Company
from dispatch.models import SessionLease
from whaticket.testing.contract.calls import BY_NAME
from whaticket.testing.contract.stage import call, content
from whatsapp.models import Connection


def mailed_link(stage: Any) -> dict[str, Any]:
    """A link to choose a new password."""
    call(stage.clients["nobody"], BY_NAME["POST /auth/password-recovery"], stage.ours)
    tasks.sweep_recoveries()
    return {"link": re.findall(r"reset-password\?token=(\w+)", mail.outbox[-1].body)[-1]}


def another_company(stage: Any) -> dict[str, Any]:
    """Nobody removes their own company."""
    return {"company": stage.globex.pk}


def a_plan_of_nobody(stage: Any) -> dict[str, Any]:
    """A plan that somebody is on stays."""
    return {"plan": Plan.objects.create(name="Old", users=1, connections=1, queues=1).pk}


def an_account_at_the_bank(stage: Any) -> dict[str, Any]:
    """The platform takes PIX, and the company may pay."""
    services.update_payment_account(
        client_id=CLIENT[0], client_secret=CLIENT[1], pix_key="pix@platform.example"
    )
    Company.objects.filter(pk=stage.acme.pk).update(document="11222333000181")
    return {}


def a_registered_webhook(stage: Any) -> dict[str, Any]:
    """The bank knows where to tell of payments."""
    an_account_at_the_bank(stage)
    call(stage.clients["root"], BY_NAME["POST /subscription/create/webhook"], stage.ours)
    return {}


def a_paid_charge(stage: Any) -> dict[str, Any]:
    """Somebody has paid; the bank shows the secret it was given."""
    a_registered_webhook(stage)
    answer = call(stage.clients["rui"], BY_NAME["POST /subscription"], stage.ours)
    assert answer.status_code == 200, content(answer)
    txid = content(answer)["txid"]
    stage.efi.pay(txid)
    (address,) = stage.efi.webhooks.values()
    return {"proof": re.search(r"hmac=([^&]+)", address)[1], "txid": txid}  # type: ignore[index]


def a_running_session(stage: Any) -> dict[str, Any]:
    """A worker holds the connection."""
    SessionLease.objects.update_or_create(
        company_id=stage.acme.pk,
        connection_id=stage.ours["connection"],
        defaults={"is_wanted": True, "owner": "worker"},
    )
    return {}


def an_unlinked_phone(stage: Any) -> dict[str, Any]:
    """The code that was asked for waits to be typed."""
    Connection.objects.filter(pk=stage.ours["connection"]).update(
        status="PAIRING", pair_code="ABCD-1234"
    )
    return {}


# Rows beside those of the world, for the path and the body of a route.
BEFORE: Mapping[str, Callable[[SimpleNamespace], dict[str, Any]]] = {
    "POST /auth/reset-password": mailed_link,
    "DELETE /companies/:id": another_company,
    "DELETE /api/companies/:id": another_company,
    "DELETE /plans/:id": a_plan_of_nobody,
    "DELETE /api/plans/:id": a_plan_of_nobody,
    "POST /subscription": an_account_at_the_bank,
    "POST /subscription/create/webhook": an_account_at_the_bank,
    "DELETE /subscription/create/webhook": a_registered_webhook,
    "POST /subscription/return/c5c0f5a4-efe2-447f-8c73-55f8c0f07284/pix": a_paid_charge,
    "DELETE /whatsappsession/:whatsappId": a_running_session,
    "POST /whatsappsession/:whatsappId/phone": an_unlinked_phone,
    "POST /whatsappsession/:whatsappId/verify": an_unlinked_phone,
}
