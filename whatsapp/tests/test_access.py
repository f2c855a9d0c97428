"""Who may do what with connections: a table, and Eva of another company in every row."""

import pytest

from dispatch.models import SessionLease
from whatsapp.models import Connection

NEW = {"name": "Second number"}
# method, path, body, status for: ana (agent), mia (agent who manages connections), rui (admin),
# op (operator of the platform), eva (admin elsewhere), nobody
TABLE = [
    ("get", "/whatsapp/", None, 200, 200, 200, 200, 200, 401),
    ("get", "/whatsapp/filter", None, 200, 200, 200, 200, 200, 401),
    ("get", "/whatsapp/all", None, 403, 403, 403, 200, 403, 401),
    ("post", "/whatsapp/", NEW, 403, 200, 200, 200, 200, 401),
    ("get", "/whatsapp/{id}", None, 200, 200, 200, 200, 404, 401),
    ("put", "/whatsapp/{id}", {"name": "Renamed"}, 403, 200, 200, 200, 404, 401),
    ("delete", "/whatsapp/{id}", None, 403, 403, 200, 200, 404, 401),
    ("get", "/whatsapp-admin/{id}", None, 403, 403, 403, 200, 403, 401),
    ("put", "/whatsapp-admin/{id}", {"name": "Renamed"}, 403, 403, 403, 200, 403, 401),
    ("delete", "/whatsapp-admin/{id}", None, 403, 403, 403, 200, 403, 401),
    ("post", "/whatsapp/{id}/media-upload", {}, 403, 400, 400, 400, 404, 401),
    ("delete", "/whatsapp/{id}/media-upload", None, 403, 200, 200, 200, 404, 401),
    ("post", "/closedimported/{id}", None, 403, 200, 200, 200, 404, 401),
    ("post", "/whatsapp-restart/", None, 403, 200, 200, 200, 200, 401),
    ("post", "/whatsappsession/{id}", None, 403, 200, 200, 200, 404, 401),
    ("put", "/whatsappsession/{id}", None, 403, 200, 200, 200, 404, 401),
    ("delete", "/whatsappsession/{id}", None, 403, 400, 400, 400, 404, 401),
    ("post", "/whatsappsession/{id}/phone", {"phoneNumber": "1"}, 403, 400, 400, 400, 404, 401),
    ("post", "/whatsappsession/{id}/verify", {"code": "x"}, 403, 400, 400, 400, 404, 401),
]
PEOPLE = ("ana", "mia", "rui", "op", "eva", "nobody")


@pytest.fixture
def people(cast):
    from accounts.services import create_user

    def person(name, **fields):
        return create_user(
            company_id=cast.acme.pk,
            email=f"{name}@acme.example",
            password="correct horse",
            name=name.capitalize(),
            **fields,
        )

    cast.mia = person("mia", manages_connections=True)
    cast.op = person("op", profile="admin", is_super=True)
    cast.nobody = None
    return cast


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {row[1]}")
def test_everybody_may_do_what_the_table_says(people, api, who, row):
    method, path, body, *statuses = row
    # An id that only acme has.
    Connection.objects.create(pk=900, name="Own number")
    client = api(getattr(people, who))

    answer = getattr(client, method)(path.format(id=900), body, format="json")

    assert answer.status_code == statuses[PEOPLE.index(who)], answer.content
    if answer.status_code >= 400:
        assert set(answer.json()) >= {"error"}
        assert Connection.objects.get(pk=900).name == "Own number"
        assert not SessionLease.objects.filter(company_id=people.acme.pk).exists()


def test_paths_in_any_case_and_without_a_slash(people, api):
    assert api(people.ana).get("/WhatsApp?session=0").status_code == 200
    assert api(people.rui).post("/whatsapp-restart").status_code == 200


def test_an_agent_sees_no_secret_and_no_code(people, api):
    Connection.objects.filter(pk=people.number.pk).update(
        qrcode="scan me", pair_code="ABCD1234", token_hint="wxyz"
    )

    def row(user):
        return api(user).get(f"/whatsapp/{people.number.pk}").json()

    agent, manager = row(people.ana), row(people.mia)
    assert (agent["qrcode"], agent["token"]) == ("", "")
    assert "connectionCode" not in agent
    assert (manager["qrcode"], manager["connectionCode"]) == ("scan me", "ABCD1234")
    assert manager["token"] == "••••wxyz"
    assert agent["name"] == manager["name"] == "acme number"
