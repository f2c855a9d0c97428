"""The report of contacts (rest.md §22): who they are, by tags, state, portfolio and age."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from contacts.wire import found_by, tags
from whaticket.database import read_rows, read_text
from whaticket.days import company_zone
from whaticket.exports import local_text
from whaticket.shapes import Number, Part, Rows, Shape, Text
from whaticket.tenancy import current_company_id, in_company

# How many rows of an export are read at a time.
CHUNK = 1000

# Brazil's area codes by state.
AREA_CODES = {
    "AC": (68,), "AL": (82,), "AM": (92, 97), "AP": (96,), "BA": (71, 73, 74, 75, 77),
    "CE": (85, 88), "DF": (61,), "ES": (27, 28), "GO": (61, 62, 64), "MA": (98, 99),
    "MG": (31, 32, 33, 34, 35, 37, 38), "MS": (67,), "MT": (65, 66), "PA": (91, 93, 94),
    "PB": (83,), "PE": (81, 87), "PI": (86, 89), "PR": (41, 42, 43, 44, 45, 46),
    "RJ": (21, 22, 24), "RN": (84,), "RO": (69,), "RR": (95,), "RS": (51, 53, 54, 55),
    "SC": (47, 48, 49), "SE": (79,), "SP": (11, 12, 13, 14, 15, 16, 17, 18, 19), "TO": (63,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts a report has; empty fields do not limit. `until` is no longer in it."""

    text: str = ""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    tag_ids: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    wallet_ids: tuple[int, ...] = ()

    def limits(self) -> tuple[str, list[Any]]:
        """Write it over contacts (`c`), with its parameters."""
        texts = ["c.merged_into_id IS NULL AND NOT c.is_group"]
        params: list[Any] = []

        def add(text: str, *values: Any) -> None:
            texts.append(text)
            params.extend(values)

        if self.text:
            found, values = found_by(self.text, "c")
            add(found, *values)
        if self.since:
            add("c.created_at >= %s", self.since)
        if self.until:
            add("c.created_at < %s", self.until)
        if self.tag_ids:
            add(
                "EXISTS (SELECT 1 FROM contacts_contact_tags x"
                " WHERE x.contact_id = c.id AND x.tag_id = ANY(%s))",
                list(self.tag_ids),
            )
        if self.states:
            codes = {str(code) for state in self.states for code in AREA_CODES[state]}
            add(
                "c.address ~ '^55[0-9]{10,11}$' AND substr(c.address, 3, 2) = ANY(%s)",
                sorted(codes),
            )
        if self.wallet_ids:
            add(
                "EXISTS (SELECT 1 FROM contacts_wallet x"
                " WHERE x.contact_id = c.id AND x.agent_id = ANY(%s))",
                list(self.wallet_ids),
            )
        return " AND ".join(texts), params


def contact_report(wanted: ContactFilter) -> bytes:
    """Give `{contacts}` by name; one statement."""
    where, params = wanted.limits()
    tag = Shape({"id": Number("g.id"), "name": Text("g.name"), "color": Text("g.color")})
    contact = Shape(
        {
            "id": Number("c.id"),
            "name": Text("c.name"),
            "number": Text("c.address"),
            "email": Text("c.email"),
            "tags": tags("c", tag),
        }
    )
    parts: dict[str, Part] = {
        "contacts": Rows(contact, f"contacts_contact c WHERE {where}", "c.folded_name, c.id")
    }
    company_id = current_company_id()
    return read_text(f"SELECT {Shape(parts).as_text()} -- company {company_id}", params)


@dataclass(frozen=True, slots=True)
class ReportedContact:
    """A row of the report, for a file."""

    contact_id: int
    name: str
    number: str
    email: str
    tags: str | None
    agents: str | None
    created_at: datetime.datetime


def reported_contacts(wanted: ContactFilter, *, company_id: int) -> Iterator[ReportedContact]:
    """Give all rows of the report by name, a thousand to a statement.

    Enters the company for each statement and nothing longer, so that rows can be drawn while a
    file is being sent.
    """
    where, params = wanted.limits()
    after: tuple[Any, ...] = ()
    while True:
        more = "AND (c.folded_name, c.id) > (%s, %s)" if after else ""
        sql = f"""SELECT c.id, c.name, c.address, c.email,
                (SELECT string_agg(g.name, ', ' ORDER BY g.name) FROM contacts_contact_tags x
                    JOIN contacts_tag g ON g.id = x.tag_id WHERE x.contact_id = c.id),
                (SELECT string_agg(u.name, ', ' ORDER BY u.name) FROM contacts_wallet x
                    JOIN public.accounts_user u ON u.id = x.agent_id WHERE x.contact_id = c.id),
                c.created_at, c.folded_name
            FROM contacts_contact c WHERE {where} {more}
            ORDER BY c.folded_name, c.id LIMIT {CHUNK} -- company {company_id}"""
        with in_company(company_id):
            rows = read_rows(sql, [*params, *after])
        yield from (ReportedContact(*row[:-1]) for row in rows)
        if len(rows) < CHUNK:
            return
        after = (rows[-1][-1], rows[-1][0])


def contact_table(
    found: Iterable[ReportedContact],
) -> tuple[list[str], Iterator[list[Any]]]:
    """Give headings and rows of the report as a file has them, times in the company's zone."""
    zone = company_zone()
    headings = [
        _("Contact"),
        _("Name"),
        _("Number"),
        _("E-mail"),
        _("Tags"),
        _("Portfolios"),
        _("Added"),
    ]
    cells = (
        [
            row.contact_id,
            row.name,
            row.number,
            row.email,
            row.tags,
            row.agents,
            local_text(row.created_at, zone),
        ]
        for row in found
    )
    return headings, cells
