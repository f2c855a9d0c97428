"""The dashboard's numbers (behaviour R-DASH, 155-159); docs/reports.md defines each of them.

They are taken of episodes: the stretches of service of the tickets that were opened in a period.
"""

from tickets.services.reports.limits import (
    Limits,
    Period,
    Scope,
    local,
    rows_of,
    text_of,
)
from tickets.wire.compiled import counted_in_sight
from whaticket.tenancy import current_company_id


def dashboard(scope: Scope, period: Period) -> bytes:
    """Give `{counters, attendants}`; one statement."""
    basis = Limits().within("t.created_at", period)
    happening = Limits().add("status = 'open'")
    pending = Limits().add("status = 'pending'")
    leads = Limits().within("c.created_at", period)
    leads.add("NOT c.is_group AND c.merged_into_id IS NULL")
    people = Limits().add("u.company_id = %s", current_company_id())
    had_own = Limits().add("count(*) = 1")
    if scope.own_only:
        me = scope.sight.user_id
        basis.add("e.agent_id = %s", me)
        happening.add("agent_id = %s", me)
        # What waits is nobody's yet: all that the person may see.
        text, values = counted_in_sight(scope.sight)
        pending.add(text, *values)
        had_own.add("bool_and(e.agent_id = %s)", me)
        people.add("u.id = %s", me)
    sql = f"""
        WITH alike AS MATERIALIZED (
            SELECT e.agent_id, t.status, t.is_group, t.is_opened_by_agent,
                e.finished_at IS NULL AS is_running, r.rate, count(*) AS amount,
                {_took("served", "e.started_at", "coalesce(e.closed_at, e.finished_at)")},
                {_took("waited", "e.queued_at", "e.started_at")}
            FROM tickets_ticket t JOIN tickets_episode e ON e.ticket_id = t.id
            LEFT JOIN tickets_rating r ON r.episode_id = e.id
            WHERE {basis.where} GROUP BY 1, 2, 3, 4, 5, 6
        ), sums AS MATERIALIZED (
            SELECT {_ALL},
                {_those("status = 'closed'")} AS finished,
                {_those("is_group")} AS groups,
                {_those("is_opened_by_agent")} AS active,
                {_those("status = 'nps' AND is_running")} AS awaited,
                {_those("status = 'closed' AND rate IS NOT NULL")} AS with_rating,
                {_those("status = 'closed' AND rate IS NULL")} AS without_rating,
                {_those("rate > 8")} AS promoters,
                {_those("rate BETWEEN 7 AND 8")} AS passives,
                {_those("rate < 7")} AS detractors
            FROM alike
        )
        SELECT json_build_object('counters', (SELECT json_build_object(
                'avgSupportTime', {_mean("s.served")},
                'avgWaitTime', {_mean("s.waited")},
                'tickets', s.episodes,
                'supportFinished', s.finished,
                'supportHappening',
                    (SELECT coalesce(sum(amount), 0) FROM tickets_ticketcount
                        WHERE {happening.where}),
                'supportPending',
                    (SELECT coalesce(sum(amount), 0) FROM tickets_ticketcount
                        WHERE {pending.where}),
                'supportGroups', s.groups,
                'leads', (SELECT count(*) FROM (
                    SELECT c.id FROM contacts_contact c
                    JOIN tickets_ticket t ON t.contact_id = c.id
                    JOIN tickets_episode e ON e.ticket_id = t.id
                    WHERE {leads.where} GROUP BY c.id HAVING {had_own.where}) leads),
                'activeTickets', s.active,
                'passiveTickets', s.episodes - s.active,
                'waitRating', s.awaited,
                'withoutRating', s.without_rating,
                'withRating', s.with_rating,
                'percRating', {_percent("s.rated", "s.episodes")},
                'npsPromotersPerc', {_percent("s.promoters", "s.rated")},
                'npsPassivePerc', {_percent("s.passives", "s.rated")},
                'npsDetractorsPerc', {_percent("s.detractors", "s.rated")},
                'npsScore', {_percent("(s.promoters - s.detractors)", "s.rated")})
            FROM sums s),
            'attendants', (SELECT coalesce(json_agg(json_build_object(
                    'id', u.id, 'name', u.name, 'online', u.is_online,
                    'avgWaitTime', {_mean("a.waited")},
                    'avgSupportTime', {_mean("a.served")},
                    'tickets', coalesce(a.episodes, 0),
                    'rating', to_char(coalesce(a.rates::numeric / nullif(a.rated, 0), 0),
                        'FM990.00'),
                    'countRating', coalesce(a.rated, 0)) ORDER BY u.name, u.id), '[]'::json)
                FROM public.accounts_user u LEFT JOIN (
                    SELECT agent_id, {_ALL}, sum(rate * amount) AS rates
                    FROM alike GROUP BY agent_id) a ON a.agent_id = u.id
                -- Who has left is shown with the work that was theirs.
                WHERE {people.where} AND (u.removed_at IS NULL OR a.episodes > 0))
        )::text
    """
    params = [
        *basis.params,
        *happening.params,
        *pending.params,
        *leads.params,
        *had_own.params,
        *people.params,
    ]
    return text_of(sql, params)


# Stretches of service are first counted by all that tells them apart: adding up these few counts is
# half the work of asking every stretch for every number.
def _took(name: str, start: str, end: str) -> str:
    """Write how long all of something took, and how often it took any time at all."""
    # Intervals add up as whole numbers, much faster than minutes with their decimals.
    took = f"FILTER (WHERE {end} > {start})"
    return f"sum({end} - {start}) {took} AS {name}, count(*) {took} AS {name}_count"


def _those(condition: str) -> str:
    """Write how many of the counted stretches something holds for."""
    return f"coalesce(sum(amount) FILTER (WHERE {condition}), 0)"


_ALL = f"""{_those("true")} AS episodes, {_those("rate IS NOT NULL")} AS rated,
    sum(served) AS served, sum(served_count) AS served_count,
    sum(waited) AS waited, sum(waited_count) AS waited_count"""


def _mean(name: str) -> str:
    """Write the minutes that something took on average."""
    return f"coalesce(round(extract(epoch FROM {name}) / 60 / nullif({name}_count, 0), 2), 0)"


def _percent(part: str, whole: str) -> str:
    return f"coalesce(round({part} * 100.0 / nullif({whole}, 0), 2), 0)"


def tickets_per_agent(scope: Scope, period: Period) -> list[tuple[int, str]]:
    """Give how many tickets opened in a period each agent holds or held; one statement."""
    opened = Limits().within("t.created_at", period)
    people = Limits().add("u.company_id = %s", current_company_id())
    if scope.own_only:
        people.add("u.id = %s", scope.sight.user_id)
    return [
        (amount, name)
        for amount, name in rows_of(
            f"""SELECT count(t.id), u.name FROM public.accounts_user u
            LEFT JOIN tickets_ticket t ON t.agent_id = u.id AND {opened.where}
            WHERE {people.where} GROUP BY u.id
            HAVING u.removed_at IS NULL OR count(t.id) > 0
            ORDER BY count(t.id) DESC, u.name, u.id""",
            [*opened.params, *people.params],
        )
    ]


def tickets_per_day(scope: Scope, period: Period) -> list[tuple[str, int]]:
    """Give how many tickets were opened per day ("24/11/2026"); one statement."""
    key = f"{local('created_at')}::date"
    return [(day.strftime("%d/%m/%Y"), amount) for day, amount in _opened(key, scope, period)]


def tickets_per_hour(scope: Scope, period: Period) -> list[tuple[int, int]]:
    """Give how many tickets were opened per hour of the day (0-23); one statement."""
    key = f"extract(hour FROM {local('created_at')})::int"
    return _opened(key, scope, period)


def _opened(key: str, scope: Scope, period: Period) -> list[tuple]:  # type: ignore[type-arg]
    opened = Limits().within("created_at", period)
    if scope.own_only:
        opened.add("agent_id = %s", scope.sight.user_id)
    return rows_of(
        f"SELECT {key}, count(*) FROM tickets_ticket WHERE {opened.where} GROUP BY 1 ORDER BY 1",
        opened.params,
    )
