"""Contacts over the wire."""

import pytest

from contacts import ports
from contacts.models import Contact, ContactMerge

BODY = {"name": "Dora", "number": "55 11 95555-4444"}


@pytest.fixture
def network(monkeypatch):
    """`network(answer)`: what the network says of every number."""
    return lambda answer: monkeypatch.setattr(ports.check_number, "_answer", answer)


def test_a_contact_is_added_with_its_fields_and_digits(api, cast, network):
    network(lambda number: None)
    body = BODY | {"extraInfo": [{"name": "code", "value": "7"}], "wallets": [cast.ana.pk]}
    answer = api(cast.ana).post("/contacts", body).json()
    assert answer["number"] == "5511955554444"
    assert answer["extraInfo"][0]["value"] == "7"
    assert answer["wallets"] == [{"id": cast.ana.pk, "name": "Ana"}]


def test_the_number_the_network_does_not_know_is_refused(api, cast, network):
    network(lambda number: ports.NumberCheck(exists=False))
    answer = api(cast.ana).post("/contacts", BODY)
    assert (answer.status_code, answer.json()) == (400, {"error": "ERR_CHECK_NUMBER"})
    assert not Contact.objects.exists()


@pytest.mark.parametrize("number", ["5511955554444", "551155554444", "+55 (11) 95555-4444"])
def test_one_number_in_any_spelling_makes_one_contact(api, cast, network, number):
    network(lambda asked: None)
    http = api(cast.ana)
    assert http.post("/contacts", BODY).status_code == 200
    answer = http.post("/contacts", BODY | {"number": number})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_DUPLICATED_CONTACT")


@pytest.mark.parametrize(
    ("method", "path", "body", "roles"),
    [
        ("get", "/contacts", None, {"ana": 200, "rui": 200, "eva": 200}),
        ("get", "/contacts/list", None, {"ana": 200, "eva": 200}),
        ("get", "/contacts/{id}", None, {"ana": 200, "rui": 200, "eva": 404}),
        ("put", "/contacts/{id}", {"name": "New"}, {"ana": 200, "eva": 404}),
        ("put", "/contacts/toggleAcceptAudio/{id}", {}, {"ana": 200, "eva": 404}),
        ("put", "/contacts/toggleDisableBot/{id}", {}, {"ana": 200, "eva": 404}),
        ("put", "/contacts/block/{id}", {"active": False}, {"ana": 200, "eva": 404}),
        ("get", "/contactTags/{id}", None, {"ana": 200, "eva": 404}),
        ("put", "/contact-wallet/{id}", {"wallets": []}, {"ana": 200, "eva": 404}),
        ("get", "/contacts/{id}/merges", None, {"ana": 200, "eva": 404}),
        ("post", "/contacts/{id}/merge", {"contactId": 1}, {"eva": 404}),
        ("post", "/contacts/merges/{id}/undo", {}, {"eva": 404}),
        ("delete", "/contacts/{id}", None, {"ana": 403, "eva": 404, "rui": 200}),
    ],
)
def test_who_may_do_what(api, cast, ticket, method, path, body, roles):
    where = path.format(id=ticket.contact_id)
    for who, status in roles.items():
        answer = getattr(api(getattr(cast, who)), method)(where, body)
        assert answer.status_code == status, (who, answer.content)
    assert getattr(api(), method)(where, body).status_code == 401


def test_search_is_by_part_of_a_name_or_number(api, cast, ticket):
    http = api(cast.ana)
    for text in ("CUSTOM", "88887777", "cárla"):
        found = http.get("/contacts", {"searchParam": text}).json()
        assert [row["id"] for row in found["contacts"]] == [ticket.contact_id]
        assert (found["count"], found["hasMore"]) == (1, False)
    assert http.get("/contacts", {"searchParam": "%"}).json()["count"] == 0


def test_a_merge_is_made_listed_and_undone(api, cast, ticket, network):
    network(lambda number: None)
    http = api(cast.rui)
    other = http.post("/contacts", BODY).json()["id"]
    answer = http.post(f"/contacts/{ticket.contact_id}/merge", {"contactId": other})
    assert answer.status_code == 200
    assert http.get(f"/contacts/{other}").status_code == 404
    (row,) = http.get(f"/contacts/{ticket.contact_id}/merges").json()
    assert row["merged"]["name"] == "Dora"
    assert http.post(f"/contacts/merges/{row['id']}/undo").json()["id"] == other
    assert http.post(f"/contacts/merges/{row['id']}/undo").status_code == 409
    assert ContactMerge.objects.get().undone_at is not None


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": "x"}, {"name": "x", "number": "12"}, {"name": {}, "number": []},
        {"name": "a\x00", "number": "5511955554444"},
        {"name": "x", "number": "5511955554444", "wallets": ["x"]},
        {"name": "x", "number": "5511955554444", "extraInfo": [1]},
    ],
)  # fmt: skip
def test_hostile_bodies_are_refused_and_change_nothing(api, cast, body):
    answer = api(cast.ana).post("/contacts", body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("ERR_")
    assert not Contact.objects.exists()


def test_the_total_follows_every_change_of_contacts(api, cast, network):
    from contacts.services import merge_contacts, undo_merge

    http = api(cast.rui)
    made = [Contact.objects.create(name=f"Dora {n}", address=f"55119{n}") for n in range(3)]
    group = Contact.objects.create(name="Staff", address="1@g.us", is_group=True)

    def totals():
        lists = [http.get(path).json() for path in ("/contacts", "/contacts?isGroup=false")]
        for one in lists:
            assert one["count"] == len(one["contacts"])
        return [one["count"] for one in lists]

    before = totals()
    assert before[0] == before[1] + 1
    merge_contacts(made[0], made[1], by=cast.rui)
    assert totals() == [before[0] - 1, before[1] - 1]
    undo_merge(ContactMerge.objects.get(), by=cast.rui)
    assert totals() == before
    made[2].delete()
    group.delete()
    assert totals() == [before[0] - 2, before[1] - 1]
    Contact.objects.bulk_create(Contact(name=f"Many {n}") for n in range(5))
    assert totals() == [before[0] + 3, before[1] + 4]


def keys(text):
    return set(text.split())


COLUMNS = keys(
    "id name number profilePicUrl email isGroup companyId acceptAudioMessage channel active "
    "disableBot remoteJid lgpdAcceptedAt urlPicture pictureUpdated whatsappId lid createdAt "
    "updatedAt"
)
WHOLE = COLUMNS | {"extraInfo", "tags", "wallets", "whatsapp"}
BASE = keys("id name number email profilePicUrl companyId urlPicture extraInfo")


@pytest.mark.parametrize(
    ("method", "path", "body", "wanted"),
    [
        ("post", "/contacts", BODY, COLUMNS | {"extraInfo", "wallets"}),
        ("get", "/contacts/{id}", None, WHOLE),
        ("put", "/contacts/{id}", {"name": "New"},
         BASE | keys("channel acceptAudioMessage active remoteJid tags wallets")),
        ("put", "/contacts/toggleAcceptAudio/{id}", {},
         BASE | keys("acceptAudioMessage wallets")),
        ("put", "/contacts/toggleDisableBot/{id}", {},
         BASE | keys("acceptAudioMessage disableBot")),
        ("put", "/contacts/block/{id}", {"active": False}, COLUMNS),
        ("put", "/contact-wallet/{id}", {"wallets": []}, BASE | keys("tags wallets")),
        ("get", "/contactTags/{id}", None, {"tags"}),
    ],
)  # fmt: skip
def test_answers_have_exactly_the_keys_of_the_contract(
    api, cast, ticket, network, method, path, body, wanted
):
    network(lambda number: None)
    answer = getattr(api(cast.ana), method)(path.format(id=ticket.contact_id), body)
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == wanted


def test_lists_have_exactly_the_keys_of_the_contract(api, cast, ticket):
    http = api(cast.ana)
    page = http.get("/contacts").json()
    assert set(page) == {"contacts", "count", "hasMore"}
    assert set(page["contacts"][0]) == keys(
        "id name number email isGroup urlPicture active companyId channel tags"
    )
    (row,) = http.get("/contacts/list", {"name": "Carla"}).json()
    assert set(row) == COLUMNS
    assert http.get("/contacts/list", {"name": "carla"}).json() == [], "letter case counts"


def test_wallets_take_ids_and_objects_but_no_strangers(api, cast, ticket):
    path = f"/contact-wallet/{ticket.contact_id}"
    wanted = [cast.ana.pk, {"id": cast.bia.pk}, cast.eva.pk]
    answer = api(cast.ana).put(path, {"wallets": wanted}).json()
    assert [row["name"] for row in answer["wallets"]] == ["Ana", "Bia"]
