"""Everything a route of the contract can name, in both companies of the cast.

Ids of globex begin far away, so that none of them exists in acme.
"""

from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

from accounts.models import User
from accounts.services import create_user
from billing.models import Plan, Subscription
from billing.services import order_invoice
from companies.models import Announcement, Company, Help, Partner
from contacts.identity import Identity
from contacts.models import ContactField, Tag, Wallet
from contacts.services import Profile, identify_contacts
from messaging.models import FileList, FileListItem, Message, QuickMessage
from messaging.services import team_chats
from tickets.models import Episode, Queue, Rating, Ticket, TicketNote
from tickets.services import accept_ticket, tag_ticket
from tickets.services.find import Wanted, live_tickets
from whaticket.tenancy import in_company
from whatsapp.models import ApiToken, Connection
from whatsapp.services.tokens import issue_token

FAR = 5_000_000
APART = 100_000
PLATFORM_TOKEN = "token-of-the-platform"


def build(cast: SimpleNamespace) -> SimpleNamespace:
    """Furnish both companies; give what is `ours`, what is `theirs`, and who there is."""
    plan = Plan.objects.create(name="Basic", users=50, connections=20, queues=30, amount="49.90")
    root = create_user(
        company_id=cast.acme.pk,
        email="root@acme.example",
        password="correct horse",
        name="Root",
        profile="admin",
        is_super=True,
    )
    shared = {
        "plan": plan.pk,
        "help": Help.objects.create(title="Start", description="How to start").pk,
        "partner": Partner.objects.create(
            name="Partner", document="10987654321", commission=5, commission_type="percent"
        ).pk,
    }
    ours = shared | _furnish(cast.acme, cast.rui, cast.ana, cast.sales, cast.number, plan)
    with in_company(cast.globex.pk):
        _move_ids()
        queue = Queue.objects.create(name="Far", color="#990000")
        number = Connection.objects.create(
            name="far number", driver="sandbox", status="CONNECTED", number="5511900000003"
        )
        queue.connections.add(number)
        theirs = shared | _furnish(cast.globex, cast.eva, cast.eva, queue, number, plan)
    return SimpleNamespace(**vars(cast), root=root, ours=ours, theirs=theirs)


def _furnish(
    company: Company, admin: User, agent: User, queue: Queue, number: Connection, plan: Plan
) -> dict[str, Any]:
    """Make one row of everything in the company that the thread is in; give their ids."""
    company.document, company.email = "11222333000181", f"pay{company.pk}@company.example"
    company.save()
    Subscription.objects.create(company=company, plan=plan)
    phone = f"55119{company.pk:08}"
    (contact,) = identify_contacts([Profile((Identity("phone", phone),), name="SECRET customer")])
    other_phone = f"55118{company.pk:08}"
    (other,) = identify_contacts([Profile((Identity("phone", other_phone),), name="SECRET two")])
    field = ContactField.objects.create(contact=contact, name="code", value="7")
    Wallet.objects.create(contact=contact, agent=agent)
    label = Tag.objects.create(name="SECRET label", color="#aa0000")
    lane = Tag.objects.create(name="SECRET lane", color="#bb0000", is_lane=True)
    contact.tags.add(label)
    ticket = live_tickets([Wanted(contact, number)])[contact.pk]
    Ticket.objects.filter(pk=ticket.pk).update(queue=queue, last_message="SECRET words")
    ticket.refresh_from_db()
    accept_ticket(ticket, by=agent)
    ticket.refresh_from_db()
    for tag in (label, lane):
        tag_ticket(ticket, tag, by=admin)
    said = Message.objects.create(
        ticket=ticket, contact=contact, connection=number, chat=phone, wire_id="A", body="SECRET"
    )
    mine = Message.objects.create(
        ticket=ticket,
        contact=contact,
        connection=number,
        chat=phone,
        wire_id="B",
        body="SECRET answer",
        from_me=True,
        origin="agent",
        status="sent",
        author=agent,
        quoted=said,
    )
    episode = Episode.objects.filter(ticket=ticket).first() or Episode.objects.create(
        ticket=ticket, connection=number, queue=queue, agent=agent
    )
    Rating.objects.create(ticket=ticket, episode=episode, agent=agent, rate=9)
    note = TicketNote.objects.create(
        note="SECRET note", author=admin, contact=contact, ticket=ticket
    )
    quick = QuickMessage.objects.create(shortcode="SECRET", text="SECRET text", owner=admin)
    files = FileList.objects.create(name="SECRET list", message="SECRET")
    option = FileListItem.objects.create(file_list=files, name="SECRET file")
    chat = team_chats.create_team_chat(title="SECRET room", user_ids=[agent.pk], by=admin)
    written = team_chats.write_to_team(chat, text="SECRET talk", by=admin)
    notice = Announcement.objects.create(company=company, title="Soon", text="New things")
    token, secret = issue_token(number, name="Shop", scopes=list(ApiToken.Scope.values), by=admin)
    return {
        "company": company.pk,
        "user": agent.pk,
        "admin": admin.pk,
        "email": agent.email,
        "company_email": company.email,
        "number": phone,
        "contact": contact.pk,
        "other": other.pk,
        "field": field.pk,
        "label": label.pk,
        "lane": lane.pk,
        "queue": queue.pk,
        "connection": number.pk,
        "ticket": ticket.pk,
        "uuid": str(ticket.uuid),
        "message": mine.pk,
        "said": said.pk,
        "note": note.pk,
        "quick": quick.pk,
        "files": files.pk,
        "option": option.pk,
        "chat": chat.pk,
        "chat_uuid": str(chat.uuid),
        "talk": written.pk,
        "notice": notice.pk,
        "invoice": order_invoice(company.pk, by_id=None).pk,
        "token": token.pk,
        "secret": secret,
    }


def _move_ids() -> None:
    """Let the ids of the company that the thread is in begin far away."""
    with connection.cursor() as cursor:
        # Each table elsewhere: an id of one kind is none of another either.
        for number, model in enumerate(apps.get_models(include_auto_created=True)):
            if model._meta.app_label in settings.TENANT_APPS:
                table = f'"{model._meta.db_table}"'
                cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
                (sequence,) = cursor.fetchone()
                if sequence:
                    # Never back: what this test has made already keeps its id.
                    cursor.execute(
                        "SELECT setval(%s, GREATEST(%s, nextval(%s)))",
                        [sequence, FAR + APART * number, sequence],
                    )


def state_of(company: Company) -> dict[str, Any]:
    """What a company holds: number and digest of the rows of every table, and of its own ones."""
    parts = {
        model._meta.db_table: f'SELECT * FROM "{company.schema_name}"."{model._meta.db_table}"'
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in settings.TENANT_APPS
    }
    parts["company"] = f"SELECT * FROM companies_company WHERE id = {company.pk}"
    parts["people"] = (
        f"SELECT id, company_id, name, email, password, profile, removed_at, token_version,"
        f" pane_width, is_super FROM accounts_user WHERE company_id = {company.pk}"
    )
    parts["invoices"] = f"SELECT * FROM billing_invoice WHERE company_id = {company.pk}"
    statement = " UNION ALL ".join(
        f"SELECT '{name}', count(*),"
        f" md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM ({rows}) t"
        for name, rows in parts.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}
