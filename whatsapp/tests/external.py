"""A program with a token, as tests of the external API use it."""

from dispatch.models import Outbox
from messaging.models import Message
from whatsapp.models import ApiToken
from whatsapp.services import leases, outbound
from whatsapp.services.tokens import issue_token

ALL = ApiToken.Scope.values
NUMBER = "5511977776666"


def key_of(cast, *scopes, **fields):
    """Make a token of acme's number; give its secret."""
    name = fields.pop("name", "Shop")
    return issue_token(cast.number, name=name, scopes=scopes or ALL, by=cast.rui, **fields)[1]


def program(api, secret):
    """A client that signs in with a token."""
    http = api()
    http.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return http


def sent():
    """What lies in tickets and was written by programs."""
    return list(Message.objects.filter(origin=Message.Origin.API).order_by("pk"))


def waiting(kind=Outbox.Kind.SEND):
    """The pointers of what is to go out."""
    return list(Outbox.objects.filter(kind=kind).order_by("pk"))


def lease_of(cast):
    """Hold the session of acme's number."""
    leases.want_session(cast.acme.pk, cast.number.pk)
    return leases.take_leases("one", 1)[0]


def claimed(lease):
    """Take the work that is due, with what the driver would be given."""
    work = outbound.claim_work(lease, limit=50, busy=())
    return work, outbound.outgoing_of(work)
