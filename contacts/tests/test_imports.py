"""Many contacts at once: sheets, the phone's address book, one by one (rest.md §10, §26)."""

import io
import zipfile

import orjson
import pytest
import xlsxwriter

from contacts import ports, receivers, sheets
from contacts.events import ContactImportMoved, ContactsImported
from contacts.models import Contact, ContactImport, Tag
from contacts.services import imports
from dispatch.models import Agenda
from dispatch.services import claim_due, run_due
from whaticket.tenancy import in_company
from whaticket.testing.races import at_once
from whatsapp.models import Connection

UPLOAD = "/contacts/upload"


def file_of(body, name="contacts.csv"):
    file = io.BytesIO(body if isinstance(body, bytes) else body.encode())
    file.name = name
    return {"file": file}


def workbook(*rows, formula=None):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    if formula:
        sheet.write_formula(len(rows), 0, formula)
    book.close()
    return out.getvalue()


@pytest.fixture
def upload(api, cast):
    return lambda body, name="c.csv", who="ana": api(getattr(cast, who)).post(
        UPLOAD, file_of(body, name), format="multipart"
    )


@pytest.fixture
def ports_of(monkeypatch):
    """What the phone would say; the network has tests of its own."""

    def answer(**said):
        if "number" in said:
            monkeypatch.setattr(ports.check_number, "_answer", lambda asked: said["number"])
        if "book" in said:
            monkeypatch.setattr(ports.address_book, "_answer", lambda source: said["book"])

    return answer


def test_a_csv_of_this_country_becomes_contacts(upload):
    answer = upload(
        "Nome;Número;E-mail\nJosé;+55 (11) 95555-4444;jose@x.example\nEva;551144443333;\n"
    )
    assert answer.status_code == 200, answer.content
    rows = answer.json()
    assert [(r["name"], r["number"], r["email"]) for r in rows] == [
        ("José", "5511955554444", "jose@x.example"),
        ("Eva", "551144443333", ""),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "nome,numero\nJosé,5511955554444\n".encode("cp1252"),
        "\ufeffNOME\tNUMERO\r\nJosé\t5511955554444\r\n".encode(),
        "name,number\nJosé,5511955554444".encode("utf-16"),
        '"nome","numero","x"\n\n"José","5511955554444","more"\n'.encode(),
    ],
)
def test_any_usual_writing_of_a_csv_is_read(upload, body):
    (row,) = upload(body).json()
    assert (row["name"], row["number"]) == ("José", "5511955554444")


def test_a_workbook_is_read_with_long_numbers_and_gaps(upload):
    body = workbook(
        ["x", "Numero", "nome", "email"],
        ["", 5511955554444, "Ana", "a@x.example"],
        [],
        ["", "+55 11 95555-3333"],
    )
    rows = upload(body, "c.xlsx").json()
    assert [(r["name"], r["number"], r["email"]) for r in rows] == [
        ("Ana", "5511955554444", "a@x.example"),
        ("5511955553333", "5511955553333", ""),
    ]


def test_a_number_in_exponents_is_a_number():
    assert sheets._plain_number("5.511955554444E+12") == "5511955554444"
    for odd in ("1E+999999999", "nan", "inf", "1.5", "x", ""):
        assert sheets._plain_number(odd) == odd


def test_the_same_table_again_changes_nothing(upload):
    body = "nome,numero\nAna,5511955554444\nAna again,11 95555-4444\nBia,5511955553333\n"
    assert len(upload(body).json()) == 3
    before = list(Contact.objects.order_by("pk").values())
    answer = upload(body.replace("Bia", "Other name"))
    assert answer.json() == []
    assert list(Contact.objects.order_by("pk").values()) == before
    row = ContactImport.objects.order_by("-pk").first()
    assert (row.created_count, row.known_count, row.failed_count) == (0, 3, 0)


def test_a_number_in_two_spellings_is_one_contact(upload):
    assert len(upload("numero\n5511955554444\n551155554444\n").json()) == 1


def test_bad_rows_are_named_and_the_good_ones_taken(upload, api, cast):
    answer = upload("nome,numero\nAna,12\nBia,5511955553333\n%s,5511955552222\n" % ("x" * 300))
    assert [row["name"] for row in answer.json()] == ["Bia"]
    told = api(cast.ana).get(answer["Location"]).json()
    assert told["errors"] == [
        {"row": 2, "error": "ERR_INVALID_NUMBER"},
        {"row": 4, "error": "ERR_VALIDATION"},
    ]
    assert (told["status"], told["total"], told["done"], told["failed"]) == ("done", 3, 3, 2)


def many(count):
    return "numero\n" + "".join(f"55119{n:08d}\n" for n in range(count))


def test_a_long_table_is_taken_in_later_batch_by_batch(upload, api, cast, heard, monkeypatch):
    monkeypatch.setattr(imports, "AT_ONCE", 3)
    monkeypatch.setattr(imports, "BATCH", 2)
    answer = upload(many(5))
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["total"]) == ("running", 5)
    assert not Contact.objects.exists()
    (due,) = claim_due()
    assert run_due(due)
    told = api(cast.ana).get(answer["Location"]).json()
    assert (told["status"], told["done"], told["created"]) == ("done", 5, 5)
    assert [len(e["contact_ids"]) for e in heard(ContactsImported)] == [2, 2, 1]
    assert len(heard(ContactImportMoved)) == 3
    assert not Agenda.objects.exists()
    imports.continue_import(told["id"])
    assert Contact.objects.count() == 5


def test_a_killed_import_goes_on_where_it_was(upload, monkeypatch):
    monkeypatch.setattr(imports, "AT_ONCE", 3)
    monkeypatch.setattr(imports, "BATCH", 2)
    import_id = upload(many(5)).json()["id"]
    assert imports._take_batch(import_id, []) is False
    assert Contact.objects.count() == 2
    imports.continue_import(import_id)
    row = ContactImport.objects.get()
    assert (row.done, row.created_count, row.known_count, row.rows) == (5, 5, 0, [])


def test_a_very_long_import_makes_room_for_others(upload, monkeypatch):
    monkeypatch.setattr(imports, "AT_ONCE", 1)
    monkeypatch.setattr(imports, "BATCH", 1)
    monkeypatch.setattr(imports, "TURN_SECONDS", -1)
    upload(many(3))
    for done in (1, 2):
        (due,) = claim_due()
        assert run_due(due)
        assert ContactImport.objects.get().done == done
    (due,) = claim_due()
    run_due(due)
    assert ContactImport.objects.get().finished_at is not None


def test_rows_cost_the_same_number_of_statements(cast, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(start, count):
        rows = [sheets.SheetRow(n, "", f"55119{start + n:08d}", "") for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            imports.begin_import(rows, file_name="", by=cast.ana)
        return len(seen)

    cost(9000, 1)
    assert cost(0, 1) == cost(100, 40)


def test_two_people_with_the_same_table_at_once_make_each_contact_once(scratch_company):
    rows = [sheets.SheetRow(n, f"n{n}", f"55119{n:08d}", "") for n in range(30)]

    def bring(_):
        return len(imports.begin_import(rows, file_name="", by=None)[1])

    created = at_once(bring, range(3))
    assert sum(created) == 30
    assert Contact.objects.count() == 30


def test_clients_hear_of_new_contacts_once_and_of_progress(
    cast, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    rows = [sheets.SheetRow(n, f"n{n}", f"55119{n:08d}", "") for n in range(3)]
    with django_capture_on_commit_callbacks(execute=True):
        imports.begin_import(rows, file_name="c.csv", by=cast.ana)
    frames = {frame.event: orjson.loads(frame.data) for frame in sent}
    reload = frames[f"company-{cast.acme.pk}-contact"]
    assert reload["action"] == "reload"
    assert [record["name"] for record in reload["records"]] == ["n0", "n1", "n2"]
    progress = frames[f"company-{cast.acme.pk}-contactImport"]
    assert progress["action"] == "update"
    assert (progress["import"]["done"], progress["import"]["status"]) == (3, "done")


# ------------------------------------------------------------------------- hostile files


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name.replace("__", "/") + ".xml", text)
    return out.getvalue()


BOOK = '<workbook xmlns:r="r"><sheets><sheet name="s" r:id="a"/></sheets></workbook>'


def raw_workbook(sheet, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", BOOK)
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="a" Target="sheet.xml"/></Relationships>',
        )
        book.writestr("xl/sheet.xml", sheet)
        for name, text in more.items():
            book.writestr(name, text)
    return out.getvalue()


BILLION = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<sheetData><row><c t='inlineStr'><is><t>&b;</t></is></c></row></sheetData>"
)
HEAD = "<row><c t='inlineStr'><is><t>numero</t></is></c></row>"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "ERR_IMPORT_COLUMNS"),
        (b"\n\n", "ERR_IMPORT_COLUMNS"),
        (b"nome;email\nAna;a@x", "ERR_IMPORT_COLUMNS"),
        (b"a\x00b,numero\n", "ERR_IMPORT_FILE"),
        (b"PK\x03\x04 no zip at all", "ERR_IMPORT_FILE"),
        (b'numero\n"' + b"x" * 200_000, "ERR_IMPORT_FILE"),
        (b"numero,nome\n5511955554444,=cmd|' /C calc'!A0\n", "ERR_IMPORT_FORMULA"),
        (b"numero,nome\n5511955554444,-2+3+cmd|' /C calc'!A0\n", "ERR_IMPORT_FORMULA"),
        (b"numero\n=1+1\n", "ERR_IMPORT_FORMULA"),
        (workbook(["numero"], formula="=1+1"), "ERR_IMPORT_FORMULA"),
        (many(sheets.MAX_ROWS + 1).encode(), "ERR_IMPORT_TOO_MANY_ROWS"),
        (raw_workbook(BILLION), "ERR_IMPORT_FILE"),
        (raw_workbook("<row><c t='s'><v>x</v></c></row>"), "ERR_IMPORT_FILE"),
        (raw_workbook("<sheetData><row>"), "ERR_IMPORT_FILE"),
        (raw_workbook("x" * (sheets.MAX_UNPACKED + 1)), "ERR_IMPORT_TOO_LARGE"),
        (
            raw_workbook(f"<s>{HEAD}<row>{'<c/>' * (sheets.MAX_CELLS + 1)}</row></s>"),
            "ERR_IMPORT_TOO_LARGE",
        ),
        (raw_workbook("<s/>", **{f"x{n}": "" for n in range(1000)}), "ERR_IMPORT_TOO_LARGE"),
        (packed(xl__workbook="<workbook/>"), "ERR_IMPORT_FILE"),
        (packed(xl__other="<x/>"), "ERR_IMPORT_FILE"),
        (b"x" * (sheets.MAX_BYTES + 1), "ERR_IMPORT_TOO_LARGE"),
    ],
)
def test_a_hostile_file_is_refused_with_a_code_and_changes_nothing(upload, body, code):
    answer = upload(body)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert not Contact.objects.exists()
    assert not ContactImport.objects.exists()


def test_a_million_rows_are_not_read_to_their_end(upload):
    row = "<row><c t='inlineStr'><is><t>5511955554444</t></is></c></row>"
    answer = upload(raw_workbook(f"<s>{HEAD}{row * (sheets.MAX_ROWS + 1)}</s>"))
    assert answer.json() == {"error": "ERR_IMPORT_TOO_MANY_ROWS", "limit": sheets.MAX_ROWS}


def test_odd_cells_are_read_as_far_as_they_go(upload):
    sheet = (
        "<s><row r='1'><c r='B1' t='s'><v>0</v></c><c r='C1' t='s'><v>99</v></c></row>"
        "<row><c r='ZZZ2'><v>1</v></c><c r='B2' t='b'><v>5511955554444</v></c></row></s>"
    )
    strings = "<sst><si><r><t>nu</t></r><rPh><t>x</t></rPh><r><t>mero</t></r></si></sst>"
    body = raw_workbook(
        sheet, **{"xl/sharedStrings.xml": strings.replace("<rPh><t>x</t></rPh>", "")}
    )
    assert [row["number"] for row in upload(body).json()] == ["5511955554444"]


def test_a_file_is_needed(api, cast):
    answer = api(cast.ana).post(UPLOAD, {}, format="multipart")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


# -------------------------------------------------------------------- the phone's own people


BOOK_ENTRIES = [
    ports.BookEntry("5511955554444", "123456@lid", "Ana of the phone"),
    ports.BookEntry("", "777@lid", "Only a LID"),
    ports.BookEntry("", "", "Nobody"),
]


def test_the_phones_address_book_becomes_contacts_and_renames_the_known(
    api, cast, ports_of, upload
):
    ports_of(book=BOOK_ENTRIES)
    upload("nome,numero\nOld name,551155554444\n")
    http = api(cast.ana)
    answer = http.post("/contacts/import")
    assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert sorted(Contact.objects.values_list("name", "address")) == [
        ("Ana of the phone", "551155554444"),
        ("Only a LID", "777@lid"),
    ]
    before = list(Contact.objects.order_by("pk").values())
    assert http.post("/contacts/import").status_code == 200
    assert list(Contact.objects.order_by("pk").values()) == before


def test_people_of_chats_are_taken_in_and_rename_nobody(api, cast, ports_of, upload):
    ports_of(book=BOOK_ENTRIES)
    upload("nome,numero\nOur name,5511955554444\n")
    assert api(cast.ana).post("/contacts/import/chats").status_code == 200
    assert set(Contact.objects.values_list("name", flat=True)) == {"Our name", "Only a LID"}


@pytest.mark.parametrize("path", ["/contacts/import", "/contacts/import/chats"])
def test_without_a_phone_to_ask_there_is_no_address_book(api, cast, path):
    answer = api(cast.ana).post(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "ERR_NO_BAILEYS_DATA_FOUND")
    assert not Contact.objects.exists()


@pytest.mark.parametrize("path", ["/contacts/import", "/contacts/import/chats"])
def test_without_a_connected_number_nobodys_address_book_is_read(api, cast, path):
    Connection.objects.update(status="DISCONNECTED")
    answer = api(cast.ana).post(path)
    assert (answer.status_code, answer.json()) == (400, {"error": "ERR_NO_DEF_WAPP_FOUND"})
    assert not Contact.objects.exists()


# ------------------------------------------------------------------------------- one by one


def test_one_contact_comes_with_labels_and_plain_digits(api, cast, ports_of):
    ports_of(number=ports.NumberCheck(exists=False))
    body = {"name": "Ana", "number": "+55 11 95555-4444", "email": "a@x", "tags": "vip, new,vip,"}
    answer = api(cast.ana).post("/contactsImport", body).json()
    assert (answer["number"], answer["email"]) == ("5511955554444", "a@x")
    labels = Contact.objects.get(pk=answer["id"]).tags.order_by("pk")
    assert [(tag.name, tag.color) for tag in labels] == [("vip", "#A4CCCC"), ("new", "#A4CCCC")]
    assert Tag.objects.count() == 2


@pytest.mark.parametrize("validate", ["true", True])
def test_a_number_is_verified_where_it_is_wanted(api, cast, ports_of, validate):
    ports_of(number=ports.NumberCheck(exists=False))
    body = {"name": "Ana", "number": "5511955554444", "validateContact": validate}
    answer = api(cast.ana).post("/contactsImport", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_CHECK_NUMBER")
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, [], {"number": "1"}, {"number": {}}, {"number": "5511955554444", "tags": "x" * 300},
     {"number": "5511955554444", "tags": []}, {"number": "5511955554444", "name": "a\x00"}],
)  # fmt: skip
def test_a_bad_contact_is_refused(api, cast, body):
    answer = api(cast.ana).post("/contactsImport", body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("ERR_")
    assert not Contact.objects.exists()


def test_a_new_contact_may_send_audio_as_the_company_has_it(api, cast, upload):
    from companies.services import update_settings

    update_settings(cast.acme.pk, by_id=None, accepts_audio=False)
    (row,) = upload("numero\n5511955554444\n").json()
    other = api(cast.ana).post("/contactsImport", {"number": "5511955553333"}).json()
    assert (row["acceptAudioMessage"], other["acceptAudioMessage"]) == (False, False)


# ------------------------------------------------------------------------------ the profile


def test_a_profile_says_who_has_a_number(api, cast, ticket, ports_of):
    http = api(cast.ana)
    ports_of(number=ports.NumberCheck(exists=True, phone="551188887777"))
    known = http.get("/contacts/profile/5511988887777").json()
    assert known == {"contactId": ticket.contact_id, "profilePicUrl": ""}
    ports_of(number=None)
    unknown = http.get("/contacts/profile/5511900001111").json()
    assert unknown == {"contactId": 0, "profilePicUrl": ""}


@pytest.mark.parametrize("number", ["5511988887777", "12", "abc", "%00", "9" * 300])
def test_a_number_that_is_not_on_whatsapp_has_no_profile(api, cast, ticket, ports_of, number):
    ports_of(number=ports.NumberCheck(exists=False))
    answer = api(cast.ana).get(f"/contacts/profile/{number}")
    assert (answer.status_code, answer.json()) == (400, {"error": "NUMBER_NOT_ON_WHATSAPP"})


# ------------------------------------------------------------------------------ who may what


def test_every_route_needs_a_person_and_keeps_to_the_company(api, cast, upload, ticket):
    nobody = api()
    for path in ("import", "import/chats", "upload"):
        assert nobody.post(f"/contacts/{path}").status_code == 401
    assert nobody.post("/contactsImport", {}).status_code == 401
    assert nobody.get("/contacts/profile/5511988887777").status_code == 401
    place = upload("numero\n5511955554444\n")["Location"]
    assert api(cast.eva).get(place).status_code == 404
    assert nobody.get(place).status_code == 401
    foreign = api(cast.eva).get("/contacts/profile/5511988887777").json()
    assert foreign["contactId"] == 0
    upload("numero\n5511955554444\n", who="eva")
    with in_company(cast.globex.pk):
        assert Contact.objects.count() == 1
