"""The page of contacts: who may what, what is found, what a table brings, what it costs."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from companies.services import forget_settings, update_settings
from console.reads import contacts as reads
from console.tests.pages import FRAGMENT
from contacts.models import Contact, ContactImport, ContactMerge, Tag
from contacts.services import create_contact
from tickets.models import Ticket
from whaticket.tenancy import in_company


def known(name, number="", **fields):
    number = number or f"55119{Contact.objects.count():08}"
    return create_contact(name=name, number=number, by=None, verify=False, **fields)


@pytest.fixture
def carla(cast):
    return known("Carla Água <b>", "5511988887777", email="carla@example.com")


def table(text, name="people.csv"):
    return {"file": SimpleUploadedFile(name, text.encode())}


def names(client, **query):
    answer = client.get("/app/contacts/rows/", query, **FRAGMENT)
    assert answer.status_code == 200
    return [contact.name for contact in answer.context["page"].contacts]


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/app/contacts/", {"ana": 200, "rui": 200, "eva": 200}),
        ("get", "/app/contacts/rows/", {"ana": 200, "eva": 200}),
        ("get", "/app/contacts/some/?ids={c},x", {"ana": 200, "eva": 200}),
        ("get", "/app/contacts/add/", {"ana": 200}),
        ("get", "/app/contacts/import/", {"ana": 200}),
        ("get", "/app/contacts/import/1/", {"ana": 404}),
        ("get", "/app/contacts/export.csv", {"ana": 200, "eva": 200}),
        ("get", "/app/contacts/export.pdf", {"ana": 404}),
        ("get", "/app/new/?contact={c}", {"ana": 200, "eva": 404}),
        ("get", "/app/c/{c}/edit/?then=contacts", {"ana": 200, "eva": 404}),
        ("post", "/app/c/{c}/block/", {"eva": 404, "ana": 200}),
        ("get", "/app/c/{c}/merge/choose/", {"ana": 403, "eva": 404, "rui": 200}),
        ("get", "/app/c/{c}/delete/", {"ana": 403, "eva": 404, "rui": 200}),
        ("post", "/app/c/{c}/delete/", {"ana": 403, "eva": 404, "rui": 200}),
    ],
)
def test_only_those_who_may_get_an_answer(browser, cast, carla, method, path, statuses):
    for name, status in statuses.items():
        client = browser(getattr(cast, name))
        answer = getattr(client, method)(path.format(c=carla.pk), **FRAGMENT)
        assert answer.status_code == status, name
    assert getattr(browser(), method)(path.format(c=carla.pk), **FRAGMENT).status_code == 401


def test_the_page_shows_the_companys_contacts_and_admins_what_only_they_may(browser, cast, carla):
    with in_company(cast.globex.pk):
        known("Foreign")
    for user, may in ((cast.ana, False), (cast.rui, True)):
        html = browser(user).get("/app/contacts/").content.decode()
        assert "Carla Água &lt;b&gt;" in html
        assert "+55 11 98888-7777" in html
        assert "Foreign" not in html
        assert (f"/app/c/{carla.pk}/delete/" in html) is may
        assert (f"/app/c/{carla.pk}/merge/choose/" in html) is may


def test_contacts_are_found_by_name_number_tag_and_kind(browser, cast, carla):
    client = browser(cast.ana)
    vip = Tag.objects.create(name="VIP")
    zeca = known("Zeca", tags=["VIP"], is_active=False)
    Contact.objects.create(name="Team", address="1@g.us", is_group=True)
    hidden = known("Old self")
    Contact.objects.filter(pk=hidden.pk).update(merged_into=zeca)
    assert names(client) == ["Carla Água <b>", "Team", "Zeca"]
    assert names(client, q="agua") == ["Carla Água <b>"]
    assert names(client, q="98888-7777") == ["Carla Água <b>"]
    assert names(client, q="%") == []
    assert names(client, tag=vip.pk) == ["Zeca"]
    assert names(client, only="groups") == ["Team"]
    assert names(client, only="people") == ["Carla Água <b>", "Zeca"]
    assert names(client, only="blocked") == ["Zeca"]
    assert client.get("/app/contacts/rows/", **FRAGMENT).context["amount"] == "3"


def test_the_list_comes_page_by_page_and_costs_the_same(browser, cast, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 3)
    client = browser(cast.ana)
    known("Same")
    client.cost("/app/contacts/rows/")
    few = client.cost("/app/contacts/rows/")
    for _ in range(7):
        known("Same", tags=["VIP"])
    assert client.cost("/app/contacts/rows/") == few
    seen, after = [], ""
    while after is not None:
        answer = client.get("/app/contacts/rows/", {"after": after} if after else {}, **FRAGMENT)
        seen += [contact.pk for contact in answer.context["page"].contacts]
        after = answer.context["page"].next
    assert seen == list(Contact.objects.order_by("pk").values_list("pk", flat=True))


def test_a_contact_is_added_with_all_the_form_says_and_a_known_number_is_refused(browser, cast):
    client = browser(cast.ana)
    form = {
        "name": " Rita ",
        "number": "+55 11 97777-6666",
        "email": "rita@example.com",
        "field_name": ["CPF"],
        "field_value": ["123"],
        "new_tags": "VIP, New",
        "wallet": [cast.ana.pk],
    }
    made = client.post("/app/contacts/add/", form, **FRAGMENT)
    rita = Contact.objects.get(pk=made.json()["id"])
    assert (rita.name, rita.address, rita.is_active) == ("Rita", "5511977776666", True)
    assert sorted(tag.name for tag in rita.tags.all()) == ["New", "VIP"]
    assert list(rita.wallets.values_list("agent_id", flat=True)) == [cast.ana.pk]
    for change, error in (
        ({}, "ERR_DUPLICATED_CONTACT"),
        ({"number": "12"}, "ERR_INVALID_NUMBER"),
        ({"name": ""}, "ERR_VALIDATION"),
        ({"email": "x"}, "ERR_VALIDATION"),
    ):
        refused = client.post("/app/contacts/add/", form | change, **FRAGMENT)
        assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert Contact.objects.filter(is_group=False).count() == 1


def test_a_number_is_changed_in_the_form_and_stays_where_it_says_nothing(browser, cast, carla):
    client = browser(cast.ana)
    path = f"/app/c/{carla.pk}/edit/"
    assert 'value="5511988887777"' in client.get(path, **FRAGMENT).content.decode()
    for form, address in (
        ({"name": "Carla"}, "5511988887777"),
        ({"name": "Carla", "number": "5511966665555"}, "5511966665555"),
    ):
        assert client.post(path, form, **FRAGMENT).status_code == 200
        carla.refresh_from_db()
        assert (carla.name, carla.address) == ("Carla", address)


def test_a_contact_is_blocked_and_lives_again(browser, cast, carla):
    client = browser(cast.ana)
    for active, state in (("0", False), ("1", True)):
        assert client.post(f"/app/c/{carla.pk}/block/", {"active": active}).status_code == 200
        carla.refresh_from_db()
        assert carla.is_active is state


def test_a_merge_takes_the_choice_of_the_dialog(browser, cast, carla):
    twin = known("Carla")
    path = f"/app/c/{carla.pk}/merge/"
    merged = browser(cast.rui).post(path, {"contact": twin.pk}, **FRAGMENT)
    assert merged.json() == {"merge": ContactMerge.objects.get().pk}
    refused = browser(cast.rui).post(path, {"contact": ""}, **FRAGMENT)
    assert (refused.status_code, refused.json()["error"]) == (404, "ERR_NO_CONTACT_FOUND")


def test_deleting_says_how_many_conversations_go(browser, cast, ticket):
    client = browser(cast.rui)
    client.cookies["django_language"] = "en"
    path = f"/app/c/{ticket.contact_id}/delete/"
    assert "1 conversation with all" in client.get(path, **FRAGMENT).content.decode()
    assert client.post(path, **FRAGMENT).status_code == 200
    assert not Ticket.objects.exists()


def test_a_table_is_shown_before_it_is_taken_in(browser, cast, carla):
    client = browser(cast.ana)
    text = "nome;numero;email\nRita;5511977776666;r@example.com\nNo;12;\n<i>;5511988887777;\n"
    shown = client.post("/app/contacts/import/preview/", table(text), **FRAGMENT).json()
    assert shown["good"] == 2
    assert "&lt;i&gt;" in shown["html"]
    assert 'class="is-bad"' in shown["html"]
    assert not ContactImport.objects.exists()
    told = client.post("/app/contacts/import/", table(text), **FRAGMENT).json()
    assert (told["created"], told["known"], told["failed"], told["finished"]) == (1, 1, 1, True)
    assert told["errors"][0]["row"] == 3
    assert "ERR_" not in told["errors"][0]["words"]
    path = f"/app/contacts/import/{told['id']}/"
    assert client.get(path, **FRAGMENT).json() == told
    assert browser(cast.eva).get(path, **FRAGMENT).status_code == 404


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({}, "ERR_VALIDATION"),
        (table("nome,email\nRita,r@example.com\n"), "ERR_IMPORT_COLUMNS"),
        (table("PK\x03\x04 no workbook", "people.xlsx"), "ERR_IMPORT_FILE"),
        (table("nome,numero\n=1+1,5511977776666\n"), "ERR_IMPORT_FORMULA"),
    ],
)
def test_what_is_no_table_is_refused_in_words(browser, cast, files, error):
    for path in ("/app/contacts/import/preview/", "/app/contacts/import/"):
        for upload in files.values():
            upload.seek(0)
        refused = browser(cast.ana).post(path, files, **FRAGMENT)
        assert (refused.status_code, refused.json()["error"]) == (400, error)
        assert "ERR_" not in refused.json()["message"]
    assert not ContactImport.objects.exists()


def test_the_file_holds_the_people_of_the_list(browser, cast, carla):
    known("Zeca")
    client = browser(cast.ana)
    body = b"".join(client.get("/app/contacts/export.csv?q=carla").streaming_content).decode()
    assert "5511988887777" in body
    assert "Zeca" not in body
    assert "/app/contacts/export.csv" in client.get("/app/contacts/").content.decode()


def test_who_may_not_read_numbers_gets_no_file(browser, cast, carla):
    update_settings(cast.acme.pk, by_id=None, lgpd_enabled=True, lgpd_hides_numbers=True)
    # Nothing commits here, so that the cache is not told.
    forget_settings(cast.acme.pk)
    unnamed = known("5511988880000", "5511988880000")
    html = browser(cast.ana).get("/app/contacts/").content.decode()
    assert "Carla" in html
    assert "88887777" not in html
    assert "98888-7777" not in html
    assert "5511988880000" not in html
    path = f"/app/contacts/some/?ids={unnamed.pk}"
    assert "5511988880000" not in browser(cast.ana).get(path, **FRAGMENT).content.decode()
    assert "/app/contacts/export.csv" not in html
    assert browser(cast.ana).get("/app/contacts/export.csv").status_code == 403
    assert "98888-7777" in browser(cast.rui).get("/app/contacts/").content.decode()
