"""What tests of distribution do: people come and go, customers write, time passes."""

from django.utils import timezone

from accounts.models import User
from dispatch.models import Agenda
from dispatch.services import claim_due, run_due
from messaging.models import Message
from tickets import services
from tickets.services.find import Wanted, live_tickets

NOW = timezone.now


def come(*people):
    User.objects.filter(pk__in=[p.pk for p in people]).update(is_online=True, last_seen_at=NOW())


def go(*people):
    User.objects.filter(pk__in=[p.pk for p in people]).update(is_online=False)


def distribute(queue, mode="random", **fields):
    """Switch a queue's distribution on, as an administrator does."""
    services.set_distribution(queue, services.DistributionChange(mode=mode, **fields), by=None)


def run_agenda():
    """Do what is due, as the clock and a worker would."""
    while claimed := claim_due():
        assert all(run_due(due) for due in claimed)


def waiting(cast, customer, phone="5511933330001", *, contact=None):
    """A customer writes: a ticket as the inbound path opens it."""
    contact = contact or customer("Nina", phone)
    found = live_tickets([Wanted(contact, cast.number)])[contact.pk]
    services.transfer_ticket(found, by=None, queue_id=cast.sales.pk)
    found.refresh_from_db()
    return found


def holder(ticket):
    ticket.refresh_from_db()
    return ticket.agent_id


def reasons(assignment):
    return {row["name"]: row["skipped"] for row in assignment.candidates}


def pass_time_once():
    """Let what is planned come due and do each once."""
    Agenda.objects.update(due_at=NOW())
    assert all(run_due(due) for due in claim_due())


def texts(ticket):
    return Message.objects.filter(ticket=ticket, origin="bot").count()
