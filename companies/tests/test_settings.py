"""Settings (rest.md §21): one registry, typed, written by whom it may concern, heard by all."""

import io
from pathlib import Path

import orjson
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from companies import registry, services
from companies.events import CompanySettingsChanged, NamedSettingChanged
from companies.exceptions import SettingInvalid
from companies.management.commands.write_settings_doc import table
from companies.models import Company, CompanySettings, Domain, Setting
from companies.registry import COLUMNS, KEYS, Kind


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def frames(monkeypatch):
    """Frames that were handed to the hubs of the company."""
    sent = []
    monkeypatch.setattr("companies.receivers.emit", sent.extend)
    return sent


def picture(color="red", kind="PNG", side=64):
    file = io.BytesIO()
    Image.new("RGB", (side, side), color).save(file, kind)
    return file.getvalue()


def form(content, name="logo.png", **fields):
    return {"file": SimpleUploadedFile(name, content, "image/png"), **fields}


# The registry ---------------------------------------------------------------------------------


def test_every_column_is_registered_with_the_default_it_has():
    fresh = CompanySettings()
    fixed = {"id", "company_id", "created_at", "updated_at"}
    columns = {field.attname for field in CompanySettings._meta.concrete_fields} - fixed
    assert {key.field for key in COLUMNS} == columns
    assert {key.name: key.default for key in COLUMNS} == {
        key.name: getattr(fresh, key.field) for key in COLUMNS
    }


def test_every_setting_says_what_it_does_and_shown_ones_have_a_name():
    for key in KEYS:
        assert key.effect, key.name
        assert key.group is registry.Group.HIDDEN or key.label != key.name, key.name


def test_choices_are_those_of_the_model():
    assert registry.find_key("scheduleType").choices == tuple(CompanySettings.Hours.values)
    assert registry.find_key("chatBotType").choices == tuple(CompanySettings.MenuStyle.values)


def test_the_table_in_the_documentation_is_current():
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    assert table() in text, "run manage.py write_settings_doc"


# By column ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", COLUMNS, ids=lambda key: key.name)
def test_every_column_is_written_and_read_by_its_name(api, cast, key):
    other = {
        Kind.SWITCH: ("disabled" if key.default else "enabled"),
        Kind.TRUTH: True,
        Kind.CHOICE: key.choices[-1] if key.choices else None,
        Kind.NUMBER: "12",
        Kind.TEXT: "Olá {{firstName}} 👋",
    }[key.kind]
    client = api(cast.rui)
    answer = client.put("/companySettings/", {"column": key.name, "data": other})
    assert (answer.status_code, answer.json()["response"]) == (200, True)
    assert answer.json()["result"][key.name] == other
    assert client.get(f"/companySettingOne/?column={key.name}").json() == {key.name: other}
    assert client.get("/companySettings/whatever").json()[key.name] == other
    text = str(other).lower() if key.kind is Kind.TRUTH else other
    assert client.get(f"/settings/{key.name}").json()["value"] == text
    # Another company's is as it was.
    assert api(cast.eva).get("/companySettings/1").json()[key.name] != other


@pytest.mark.parametrize(
    ("column", "data"),
    [
        ("userRating", "maybe"),
        ("userRating", 1),
        ("userRating", None),
        ("DirectTicketsToWallets", "perhaps"),
        ("scheduleType", "sometimes"),
        ("chatBotType", ["text"]),
        ("hoursCloseTicketsAuto", "two"),
        ("hoursCloseTicketsAuto", "1" * 13),
        ("transferMessage", {"a": 1}),
        ("transferMessage", "x" * 20_001),
        ("transferMessage", "a\0b"),
        ("companyId", 2),
        ("id", 1),
        ("userRating = 'enabled'; DROP TABLE users; --", "enabled"),
        ("appName", "Shop"),
        ("", "enabled"),
    ],
)
def test_a_column_or_value_that_does_not_exist_changes_nothing(api, cast, column, data):
    before = api(cast.rui).get("/companySettings/1").json()
    answer = api(cast.rui).put("/companySettings/", {"column": column, "data": data})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert api(cast.rui).get("/companySettings/1").json() == before


def test_a_column_is_no_piece_of_sql(api, cast):
    path = '/companySettingOne/?column="userRating" FROM "Users"; --'
    assert api(cast.ana).get(path).json()["error"] == "ERR_VALIDATION"


def test_the_id_in_the_address_never_leads_to_another_company(api, cast):
    services.update_settings(cast.globex.pk, by_id=None, asks_rating=True)
    row = api(cast.ana).get(f"/companySettings/{cast.globex.pk}").json()
    assert (row["companyId"], row["userRating"]) == (cast.acme.pk, "disabled")


def test_everybody_hears_of_a_changed_column(
    api, cast, heard, frames, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        api(cast.rui).put("/companySettings/", {"column": "userRating", "data": "enabled"})
    assert [event["fields"] for event in heard(CompanySettingsChanged)] == [["asks_rating"]]
    (frame,) = frames
    assert frame.event == f"company-{cast.acme.pk}-settings"
    told = orjson.loads(frame.data)
    assert told["action"] == "update"
    assert (told["setting"]["key"], told["setting"]["value"]) == ("userRating", "enabled")


# By name --------------------------------------------------------------------------------------


def test_the_list_has_columns_and_named_values_of_the_own_company_only(api, facts):
    services.set_named_setting("campaignsEnabled", "true", company_id=facts.globex.pk)
    services.set_named_setting("appName", "Acme Desk", company_id=facts.acme.pk)
    rows = {row["key"]: row["value"] for row in api(facts.ana).get("/settings").json()}
    assert rows["userRating"] == "disabled"
    assert rows["appName"] == "Acme Desk"
    assert "campaignsEnabled" not in rows
    assert "userCreation" not in rows
    assert "userCreation" in {row["key"] for row in api(facts.root).get("/settings").json()}


def test_ids_of_listed_settings_differ(api, cast):
    services.set_named_setting("appName", "Acme Desk", company_id=cast.acme.pk)
    ids = [row["id"] for row in api(cast.ana).get("/settings").json()]
    assert len(ids) == len(set(ids))


def test_a_named_value_is_created_then_changed_and_heard(
    api, facts, heard, frames, django_capture_on_commit_callbacks
):
    client = api(facts.root)
    with django_capture_on_commit_callbacks(execute=True):
        first = client.put("/settings/appName", {"value": "Desk"}).json()
    second = client.put("/settings/appName", {"value": "Desk 2"}).json()
    assert (first["id"], first["value"], second["value"]) == (second["id"], "Desk", "Desk 2")
    assert first["companyId"] == facts.acme.pk
    assert [event["key"] for event in heard(NamedSettingChanged)] == ["appName"] * 2
    assert [orjson.loads(frame.data)["setting"]["value"] for frame in frames] == ["Desk"]


def test_a_value_that_was_never_written_is_null_and_an_unknown_name_too(api, cast):
    assert api(cast.ana).get("/settings/appName").json() is None
    assert api(cast.ana).get("/settings/unknown").json() is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("primaryColorLight", "red"),
        ("primaryColorDark", "#12345"),
        ("appName", "x" * 61),
        ("appLogoLight", "../../secret.png"),
        ("appLogoLight", "logo.svg"),
        ("campaignsEnabled", "enabled?"),
        ("timeCreateNewTicket", "-1"),
        ("_certificate", "/etc/passwd"),
        ("nothing", "enabled"),
        ("__class__", "x"),
    ],
)
def test_a_name_or_value_that_does_not_exist_is_refused(api, facts, name, value):
    answer = api(facts.root).put(f"/settings/{name}", {"value": value})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert not Setting.objects.filter(key=name).exists()


def test_the_older_address_reads_the_platforms_values_and_never_another_companys(api, facts):
    services.set_named_setting("userCreation", "disabled")
    services.set_named_setting("appName", "Globex Desk", company_id=facts.globex.pk)
    client = api(facts.ana)
    assert client.get("/setting/userCreation").json()["value"] == "disabled"
    assert client.get("/setting/appName").json() == "enabled"
    assert client.get("/setting/unknown").json() == "enabled"
    changed = api(facts.root).put("/setting/userCreation", {"value": "enabled"}).json()
    assert (changed["value"], changed["companyId"]) == ("enabled", None)


def test_the_services_refuse_what_is_not_registered(facts):
    with pytest.raises(SettingInvalid):
        services.set_named_setting("free", "text")
    with pytest.raises(SettingInvalid):
        services.set_named_setting("userRating", "enabled", company_id=facts.acme.pk)


# What the public sees -------------------------------------------------------------------------


def test_public_values_need_the_token_and_without_one_set_nobody_gets_them(web, owner, settings):
    services.set_named_setting("appName", "Desk", company_id=owner.pk)
    settings.ENV_TOKEN = ""
    for shown in ("", "?token=", "?token=AASaaS"):
        assert web.get(f"/public-settings/appName{shown}").status_code == 403
    settings.ENV_TOKEN = "token-of-the-page"
    assert web.get("/public-settings/appName?token=wrong").status_code == 403
    assert web.get("/public-settings/appName").status_code == 403
    assert web.get("/public-settings/appName?token=token-of-the-page").json() == "Desk"
    assert web.get("/public-settings/appLogoDark?token=token-of-the-page").json() is None
    assert web.get("/public-settings/allowSignup?token=token-of-the-page").json() is None


@pytest.mark.parametrize("name", ["userCreation", "campaignsEnabled", "userRating", "_pix", "x"])
def test_only_public_values_are_public(web, owner, settings, name):
    settings.ENV_TOKEN = "token-of-the-page"
    answer = web.get(f"/public-settings/{name}?token=token-of-the-page")
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


def test_a_host_name_shows_its_companys_brand(web, cast, owner, settings):
    settings.ENV_TOKEN = "token-of-the-page"
    Domain.objects.create(domain="desk.globex.example", tenant=cast.globex)
    services.set_named_setting("appName", "Platform", company_id=owner.pk)
    services.set_named_setting("appName", "Globex Desk", company_id=cast.globex.pk)
    path = "/public-settings/appName?token=token-of-the-page"
    assert web.get(path, HTTP_HOST="desk.globex.example").json() == "Globex Desk"
    assert web.get(path, HTTP_HOST="Desk.Globex.Example:8443").json() == "Globex Desk"
    assert web.get(path, HTTP_HOST="elsewhere.example").json() == "Platform"


# Files ----------------------------------------------------------------------------------------


def test_a_logo_is_drawn_again_named_in_the_settings_and_served(api, facts, web):
    client = api(facts.root)
    sent = form(picture(kind="JPEG", side=2000), mode="Dark", typeArch="logo")
    name = client.post("/settings-whitelabel/logo", sent, format="multipart").json()
    assert client.get("/settings/appLogoDark").json()["value"] == name
    answer = web.get(f"/public/{name}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    drawn = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
    assert (drawn.format, max(drawn.size)) == ("PNG", 1024)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("content", [SVG, b"GIF89a<script>", b"\x89PNG\r\n\x1a\n" + b"x" * 50])
def test_what_is_no_picture_is_no_logo(api, facts, content):
    answer = api(facts.root).post(
        "/settings-whitelabel/logo", form(content, mode="Light"), format="multipart"
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_MEDIA_TYPE")
    assert not Setting.objects.filter(key="appLogoLight").exists()


@pytest.mark.parametrize("mode", ["", "light", "../Light", "Sepia"])
def test_an_unknown_kind_of_logo_is_406(api, facts, mode):
    answer = api(facts.root).post(
        "/settings-whitelabel/logo", form(picture(), mode=mode), format="multipart"
    )
    assert (answer.status_code, answer.json()["error"]) == (406, "ERR_LOGO_MODE_INVALID")


@pytest.mark.parametrize(
    "path",
    ["/public/..%2f..%2fsecrets%2fsecret_key", "/public/" + "0" * 32 + ".svg", "/public/x.png",
     "/public/announcements/..%2f..%2fx.png", "/public/announcements/..%5cx.png"],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(web, cast, path):
    assert web.get(path).status_code == 404


def test_a_private_file_is_kept_named_and_served_by_nobody(api, facts, web, frames):
    client = api(facts.root)
    sent = form(b"-----BEGIN", name="../../../key.pem", settingKey="pixCert")
    name = client.post("/settings/privateFile", sent, format="multipart").json()
    assert client.get("/settings/_pixCert").json()["value"] == name
    assert (services.uploads.private_folder(facts.acme.pk) / name).read_bytes() == b"-----BEGIN"
    # Neither the name nor the bytes reach anybody else.
    assert api(facts.rui).get("/settings/_pixCert").json() is None
    assert "_pixCert" not in {row["key"] for row in api(facts.rui).get("/settings").json()}
    for path in (f"/public/{name}", f"/public/company{facts.acme.pk}/{name}"):
        assert web.get(path).status_code in {403, 404}
    # A new file takes the place of the old one.
    second = client.post(
        "/settings/privateFile", form(b"new", settingKey="pixCert"), format="multipart"
    ).json()
    kept = [path.name for path in services.uploads.private_folder(facts.acme.pk).iterdir()]
    assert (name in kept, second in kept) == (False, True)


@pytest.mark.parametrize("key", ["", "../x", "a/b", "1", "x" * 80])
def test_a_private_file_needs_a_decent_name(api, facts, key):
    answer = api(facts.root).post(
        "/settings/privateFile", form(b"x", settingKey=key), format="multipart"
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")


def test_company_one_is_the_owner(owner):
    assert owner.pk == Company.OWNER_ID
