"""Who is at what: the tickets that agents hold and that wait, as the live panels show them."""

from dataclasses import dataclass

from contacts.wire import picture_sql
from tickets.models import Ticket
from tickets.services.reports.limits import ALWAYS, Limits, Period, Scope, text_of
from tickets.sight import Sight
from tickets.wire.compiled import seen, where
from tickets.wire.parts import JOINS, QUEUE, columns_sql
from tickets.wire.queues import queue_sql
from whaticket.tenancy import current_company_id

# The panels draw a card for each; more than this nobody can look at.
MOST = 1000


@dataclass(frozen=True, slots=True)
class MomentsWish:
    """Which tickets a panel shows; empty fields do not limit."""

    period: Period = ALWAYS
    statuses: tuple[str, ...] = ()
    queue_ids: tuple[int, ...] = ()
    agent_id: int | None = None

    def limits(self) -> Limits:
        limits = Limits().within("tickets_ticket.created_at", self.period)
        limits.among("tickets_ticket.status", self.statuses)
        limits.in_queues("tickets_ticket.queue_id", self.queue_ids)
        return limits.among("tickets_ticket.agent_id", (self.agent_id,) if self.agent_id else ())


def moments(scope: Scope, wish: MomentsWish) -> bytes:
    """Give tickets with all their columns, newest change first; agents see their own only.

    Without a status and without a period, those that are not closed. One statement.
    """
    limits = wish.limits()
    if not wish.statuses and wish.period == ALWAYS:
        limits.add("tickets_ticket.status <> 'closed'")
    if not scope.sight.is_admin:
        limits.add("tickets_ticket.agent_id = %s", scope.sight.user_id)
    company_id = current_company_id()
    ticket = f"""json_build_object({columns_sql(company_id)},
        'contact', json_build_object('id', c.id, 'name', c.name, 'number', c.address,
            'profilePicUrl', nullif(c.picture_url, ''), 'companyId', {company_id},
            'urlPicture', {picture_sql("c", company_id)}),
        'user', CASE WHEN u.id IS NOT NULL THEN
            json_build_object('id', u.id, 'name', u.name, 'profile', u.profile) END,
        'queue', CASE WHEN q.id IS NOT NULL THEN {queue_sql(company_id, with_bots=False)} END)"""
    return _listed(ticket, limits, "t.updated_at DESC, t.id DESC")


def moments_of_users(sight: Sight, wish: MomentsWish, *, of_colleagues: bool) -> bytes:
    """Give open and waiting tickets by agent, newest change first; one statement.

    Managers see all, agents what they may open, and with `of_colleagues` also what others of
    their queues hold.
    """
    limits = wish.limits().add("tickets_ticket.status IN ('open', 'pending')")
    text, params = where(Ticket, sight.reach_q()) if of_colleagues else seen(sight)
    limits.add(text, *params)
    company_id = current_company_id()
    ticket = f"""json_build_object({columns_sql(company_id)},
        'user', CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name,
            'profile', u.profile, 'online', u.is_online, 'profileImage', {_IMAGE}) END,
        'contact', json_build_object('id', c.id, 'name', c.name, 'number', c.address,
            'profilePicUrl', nullif(c.picture_url, ''), 'companyId', {company_id},
            'urlPicture', {picture_sql("c", company_id)}),
        'queue', {QUEUE.as_json()},
        'whatsapp', CASE WHEN n.id IS NOT NULL THEN
            json_build_object('id', n.id, 'name', n.name) END)"""
    return _listed(ticket, limits, "u.name NULLS LAST, u.id, t.updated_at DESC, t.id DESC")


_IMAGE = "nullif(u.profile_image, '')"


def _listed(ticket: str, limits: Limits, order: str) -> bytes:
    sql = f"""
        WITH shown AS MATERIALIZED (
            SELECT id FROM tickets_ticket WHERE {limits.where}
            ORDER BY updated_at DESC, id DESC LIMIT {MOST}
        )
        SELECT coalesce(json_agg({ticket} ORDER BY {order}), '[]'::json)::text
        FROM shown s JOIN tickets_ticket t ON t.id = s.id {JOINS}
    """
    return text_of(sql, limits.params)
