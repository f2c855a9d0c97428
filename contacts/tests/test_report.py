"""The report of contacts over the wire, and as files (rest.md §22)."""

import csv
import datetime
import io
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import report
from contacts.models import Contact, Tag, Wallet
from whaticket.tenancy import in_company

ZONE = ZoneInfo("America/Sao_Paulo")
NOON = datetime.datetime(2026, 3, 10, 12, tzinfo=ZONE)


@pytest.fixture
def known(cast):
    """`known("Dora", "5511955554444", tags=[…])`: a contact."""

    def make(name, address, *, tags=(), **fields):
        fields.setdefault("created_at", NOON)
        contact = Contact.objects.create(name=name, address=address, **fields)
        contact.tags.add(*tags)
        return contact

    return make


def names(http, query=""):
    response = http.get(f"/contacts-report{query}")
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["contacts"]]


def test_a_contact_of_the_report_has_the_contracts_keys(api, cast, known):
    tag = Tag.objects.create(name="vip", color="#112233")
    contact = known("Dora", "5511955554444", email="dora@example.com", tags=[tag])
    assert api(cast.ana).get("/contacts-report").json() == {
        "contacts": [
            {
                "id": contact.pk,
                "name": "Dora",
                "number": "5511955554444",
                "email": "dora@example.com",
                "tags": [{"id": tag.pk, "name": "vip", "color": "#112233"}],
            }
        ]
    }


def test_groups_and_merged_contacts_are_left_out(api, cast, known):
    dora = known("Dora", "5511955554444")
    known("Family", "12036300000000@g.us", is_group=True)
    known("Dora twice", "5511955554445", merged_into=dora)
    assert names(api(cast.ana)) == ["Dora"]


def test_each_filter_leaves_what_it_says(api, cast, known):
    vip, new = Tag.objects.create(name="vip"), Tag.objects.create(name="new")
    known("Álvaro", "5511955554444", tags=[vip])
    rio = known("Beto", "552195555444", tags=[new])
    known("Caio", "5571955554444", created_at=NOON + datetime.timedelta(days=1))
    known("Dirk", "49301234567")
    Wallet.objects.create(contact=rio, agent=cast.ana)
    http = api(cast.ana)
    assert names(http) == ["Álvaro", "Beto", "Caio", "Dirk"]
    for query, left in {
        "?searchParam=alvaro": ["Álvaro"],
        "?searchParam=5571": ["Caio"],
        f"?tags={vip.pk}": ["Álvaro"],
        f"?tags[]={vip.pk}&tags[]={new.pk}": ["Álvaro", "Beto"],
        "?ddds=SP": ["Álvaro"],
        "?ddds[]=rj&ddds[]=BA": ["Beto", "Caio"],
        f"?wallets={cast.ana.pk}": ["Beto"],
        f"?wallets[]={cast.bia.pk}": [],
        "?startDate=2026-03-11": ["Caio"],
        "?endDate=2026-03-10": ["Álvaro", "Beto", "Dirk"],
        "?startDate=2026-03-10T15:00:00.000Z&endDate=2026-03-11T15:00:00.000Z": [
            "Álvaro", "Beto", "Dirk",
        ],
        f"?tags={vip.pk}&ddds=RJ": [],
    }.items():  # fmt: skip
        assert names(http, query) == left, query


def test_every_state_of_brazil_has_area_codes_of_its_own():
    assert len(report.AREA_CODES) == 27
    codes = [code for state in report.AREA_CODES.values() for code in state]
    # The federal district shares its code with the cities of Goiás around it.
    assert (len(codes), len(set(codes)), codes.count(61)) == (68, 67, 2)


@pytest.mark.parametrize(
    "query",
    [
        "?tags=1 OR 1=1",
        "?wallets[]=x",
        "?ddds=XX",
        "?ddds=SP'); DROP TABLE contacts_contact; --",
        "?startDate=yesterday",
        "?endDate=2026-13-40",
        "?endDate=9999-12-31",
        "?searchParam=%00",
        "?" + "&".join(["tags=1"] * 1001),
    ],
)
def test_a_filter_that_is_none_is_refused(api, cast, query):
    response = api(cast.ana).get(f"/contacts-report{query}")
    assert (response.status_code, response.json()["error"]) == (400, "ERR_VALIDATION")


def test_sql_in_a_search_is_only_text(api, cast, known):
    known("100% O'Neil", "5511955554444")
    known("Dora", "5511955554445")
    http = api(cast.ana)
    assert names(http, "?searchParam=100%25 O'Neil") == ["100% O'Neil"]
    assert names(http, "?searchParam=' OR '1'='1") == []


@pytest.mark.parametrize(
    "path", ["/contacts-report", "/contacts-report.csv", "/contacts-report.xlsx"]
)
def test_nobody_reads_the_report_without_signing_in(api, path):
    response = api().get(path)
    assert (response.status_code, response.json()["error"]) == (401, "ERR_SESSION_EXPIRED")


def test_contacts_of_another_company_are_in_no_report(api, cast, known):
    known("Dora", "5511955554444")
    with in_company(cast.globex.pk):
        assert names(api(cast.eva)) == []
        response = api(cast.eva).get("/contacts-report.csv")
    # It is drawn in the company of who asked, wherever the thread stands by then.
    assert b"Dora" not in b"".join(response.streaming_content)


def test_the_report_costs_the_same_for_one_contact_and_for_forty(api, cast, known):
    tag = Tag.objects.create(name="vip")
    http = api(cast.ana)

    def spent():
        with CaptureQueriesContext(connection) as found:
            http.get("/contacts-report")
            b"".join(http.get("/contacts-report.csv").streaming_content)
        return sum("SET search_path" not in (query["sql"] or "") for query in found)

    http.get("/contacts-report")  # notes presence once
    known("Dora", "5511955554444", tags=[tag])
    # Twice: the session with its person, company and queues; the report.
    assert spent() == 4
    for number in range(39):
        contact = known(f"Contact {number}", f"55119{number:08}", tags=[tag])
        Wallet.objects.create(contact=contact, agent=cast.ana)
    assert spent() == 4


def test_the_report_goes_out_as_a_file_in_chunks(api, cast, known, monkeypatch):
    monkeypatch.setattr(report, "CHUNK", 2)
    vip, new = Tag.objects.create(name="vip"), Tag.objects.create(name="new")
    first = known("=cmd()", "+5511955554444", tags=[vip, new], email="a@example.com")
    Wallet.objects.create(contact=first, agent=cast.ana)
    for _ in range(4):
        known("Same", "5511955554444")
    response = api(cast.ana).get("/contacts-report.csv")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="contacts-20')
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len({row[0] for row in rows}) == 6
    assert rows[1] == [
        str(first.pk),
        "'=cmd()",
        "'+5511955554444",
        "a@example.com",
        "new, vip",
        "Ana",
        "2026-03-10 12:00:00",
    ]
    response = api(cast.ana).get("/contacts-report.xlsx?searchParam=same")
    assert b"".join(response.streaming_content).startswith(b"PK")
