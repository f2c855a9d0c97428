"""The settings page, and the brand on every page."""

import io

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.services import create_user
from companies import services
from companies.models import CompanySettings, Domain, Setting
from companies.registry import KEYS, Group
from console.branding import CONTRAST, _contrast, legible, style_of
from console.tests.pages import FRAGMENT


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def root(cast):
    return create_user(
        company_id=cast.acme.pk,
        email="root@acme.example",
        password="correct horse",
        name="Root",
        profile="admin",
        is_super=True,
    )


def logo():
    file = io.BytesIO()
    Image.new("RGB", (90, 30), "blue").save(file, "PNG")
    return SimpleUploadedFile("logo.png", file.getvalue())


def test_only_administrators_see_and_change_settings(browser, cast):
    for person, status in ((cast.ana, 403), (cast.bia, 403), (cast.rui, 200)):
        client = browser(person)
        assert client.get("/app/settings/").status_code == status
        changed = client.post("/app/settings/userRating/", {"value": "on"}, **FRAGMENT)
        assert changed.status_code == status
    assert browser().get("/app/settings/").status_code == 302
    assert browser(cast.rui).get("/app/").content.count(b'href="/app/settings/"') == 2
    assert b'href="/app/settings/"' not in browser(cast.ana).get("/app/").content


def test_the_page_has_every_setting_an_administrator_may_change_and_no_other(browser, cast, root):
    def shown(person):
        html = browser(person).get("/app/settings/").content.decode()
        return {key.name for key in KEYS if f'id="setting-{key.name}"' in html}

    visible = {key.name for key in KEYS if key.group is not Group.HIDDEN}
    assert shown(cast.rui) == {
        key.name for key in KEYS if key.name in visible and not key.by_operator
    }
    assert shown(root) == visible


def test_a_switch_a_choice_and_a_text_are_kept_and_shown_again(browser, cast):
    client = browser(cast.rui)

    def send(name, **form):
        answer = client.post(f"/app/settings/{name}/", form, **FRAGMENT)
        assert answer.status_code == 200, answer.content
        return answer.content.decode()

    assert "checked" in send("userRating", value="on")
    assert "checked" not in send("sendSignMessage")
    assert 'value="queue" selected' in send("scheduleType", value="queue")
    row = send("transferMessage", value="Olá <b>\r\n{{firstName}}")
    assert "Olá &lt;b&gt;\n{{firstName}}" in row
    kept = CompanySettings.objects.get(company=cast.acme)
    assert (kept.asks_rating, kept.signs_messages, kept.schedule_type) == (True, False, "queue")
    assert kept.transfer_text == "Olá <b>\n{{firstName}}"
    assert CompanySettings.objects.get(company=cast.globex).asks_rating is False


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("scheduleType", "never", 400),
        ("transferMessage", "x" * 20_001, 400),
        ("unknown", "on", 403),
        ("appName", "Mine", 403),
        ("userCreation", "on", 403),
        ("_pix", "x", 403),
        ("campaignsEnabled", "on", 403),
    ],
)
def test_what_an_administrator_may_not_write_changes_nothing(browser, cast, name, value, status):
    answer = browser(cast.rui).post(f"/app/settings/{name}/", {"value": value}, **FRAGMENT)
    assert answer.status_code == status
    assert "ERR_" not in answer.json()["message"]
    assert not Setting.objects.filter(company=cast.acme).exists()


def test_an_operator_gives_a_company_its_brand_and_takes_it_away(browser, cast, root):
    client = browser(root)
    row = client.post("/app/settings/appLogoLight/", {"file": logo()}, **FRAGMENT)
    assert b'src="/public/' in row.content
    client.post("/app/settings/appName/", {"value": "Loja <Azul>"}, **FRAGMENT)
    page = browser(cast.ana).get("/app/").content.decode()
    assert "Loja &lt;Azul&gt;</title>" in page
    assert 'class="brand-logo on-light" src="/public/' in page
    bad = client.post("/app/settings/appLogoLight/", {"value": "../x.png"}, **FRAGMENT)
    assert bad.status_code == 400
    client.post("/app/settings/appLogoLight/", {"value": ""}, **FRAGMENT)
    cache.clear()
    assert "brand-logo" not in browser(cast.ana).get("/app/").content.decode()


# The brand --------------------------------------------------------------------------------------


def test_each_host_and_each_company_has_its_own_brand(browser, cast, owner):
    Domain.objects.create(domain="desk.globex.example", tenant=cast.globex)
    services.set_named_setting("appName", "Platform", company_id=owner.pk)
    services.set_named_setting("appName", "Globex Desk", company_id=cast.globex.pk)
    services.set_named_setting("primaryColorLight", "#123456", company_id=cast.globex.pk)
    stranger = browser()
    assert "Platform</title>" in stranger.get("/app/login/").content.decode()
    page = stranger.get("/app/login/", HTTP_HOST="desk.globex.example").content.decode()
    assert "Globex Desk</title>" in page
    css = stranger.get("/app/brand.css", HTTP_HOST="desk.globex.example")
    assert css["Content-Type"] == "text/css; charset=utf-8"
    assert b"#123456" in css.content
    assert b"#123456" not in stranger.get("/app/brand.css").content
    # Signed in, the person's company counts, whatever host they came by.
    assert "Globex Desk</title>" in browser(cast.eva).get("/app/").content.decode()
    assert (
        "Globex Desk"
        not in browser(cast.ana).get("/app/", HTTP_HOST="desk.globex.example").content.decode()
    )
    assert browser(cast.eva).get("/app/manifest.webmanifest").json()["name"] == "Globex Desk"


def test_a_brand_is_not_mixed_from_two_companies(cast, owner):
    services.set_named_setting("appLogoDark", "a" * 32 + ".png", company_id=owner.pk)
    services.set_named_setting("appLogoLight", "b" * 32 + ".png", company_id=cast.globex.pk)
    brand = services.brand_of(cast.globex.pk)
    assert (brand.logo_light, brand.logo_dark) == ("b" * 32 + ".png",) * 2


def test_pages_ask_the_database_for_the_brand_once_a_minute(cast, owner, django_assert_num_queries):
    services.brand_of(cast.globex.pk)
    with django_assert_num_queries(0):
        services.brand_of(cast.globex.pk)


def test_a_change_is_seen_at_once(cast, django_capture_on_commit_callbacks):
    assert services.brand_of(cast.globex.pk).name != "New"
    with django_capture_on_commit_callbacks(execute=True):
        services.set_named_setting("appName", "New", company_id=cast.globex.pk)
    assert services.brand_of(cast.globex.pk).name == "New"
    with django_capture_on_commit_callbacks(execute=True):
        services.change_login_config(title="Hello")
    assert services.brand_of(cast.globex.pk).login["title"] == "Hello"


def test_without_a_brand_pages_have_their_own_look(browser, cast):
    page = browser().get("/app/login/").content.decode()
    assert "Whaticket</title>" in page
    assert "brand.css" not in page
    assert style_of(services.brand_of(cast.globex.pk), is_entry=True) == ""


def test_the_sign_in_page_says_what_operators_wrote(browser, cast, db):
    services.change_login_config(
        title="Olá <script>",
        subtitle="Entre",
        welcome_message="Boas-vindas",
        typing_texts=["Um", "Dois"],
        team_images=["https://cdn.example.com/a.png"],
        logo_url="https://cdn.example.com/logo.png",
        background_image_url='https://cdn.example.com/b.png?");body{display:none}',
        primary_color="#114477",
        custom_css=".entry h1 { color: red }",
        enables_animations=False,
    )
    page = browser().get("/app/login/").content.decode()
    for text in ("Olá &lt;script&gt;", "Entre", "Boas-vindas", "Um\nDois", "a.png", "logo.png"):
        assert text.replace("\n", "&#10;") in page or text in page, text
    assert "entry branded split calm" in page
    css = browser().get("/app/brand.css").content.decode()
    assert "#114477" in css
    assert ".entry h1 { color: red }" in css
    assert 'b.png?%22);body{display:none}")' in css
    # Inside, the sign-in page's own style has no say.
    assert ".entry h1" not in browser(cast.ana).get("/app/brand.css").content.decode()


def test_a_theme_of_the_year_dresses_the_sign_in_page(browser, cast, db):
    services.change_login_config(theme="anoNovo")
    page = browser().get("/app/login/").content.decode()
    assert "entry branded centered" in page
    assert "🎆" in page
    assert "linear-gradient(135deg, #14213d 0%" in browser().get("/app/brand.css").content.decode()


def test_where_recovery_is_switched_off_the_page_offers_none(browser, cast, db):
    assert b"/app/password/forgot/" in browser().get("/app/login/").content
    services.change_login_config(enables_recovery=False)
    cache.clear()
    assert b"/app/password/forgot/" not in browser().get("/app/login/").content
    for method in ("get", "post"):
        answer = getattr(browser(), method)("/app/password/forgot/", {"email": cast.ana.email})
        assert (answer.status_code, answer["Location"]) == (302, "/app/login/")


def test_the_white_label_colours_the_console(browser, cast, db):
    services.change_whitelabel_config(
        sidebar_bg="#101010", sidebar_text="#fafafa", page_bg_light="#eeeeee", font_size_base=18,
        font_family="Georgia, serif", primary_color="#7a1fa2", app_name="Desk",
    )  # fmt: skip
    css = browser(cast.ana).get("/app/brand.css").content.decode()
    for rule in (
        ".rail{background:#101010}",
        ".rail-item{color:#fafafa}",
        "--bg:light-dark(#eeeeee,#111312)",
        "html{font-size:17px}",
        "Georgia, serif",
        "--accent:light-dark(#7a1fa2,",
    ):
        assert rule in css, rule
    assert "Desk</title>" in browser(cast.ana).get("/app/").content.decode()


@pytest.mark.parametrize("colour", ["#ffff00", "#000", "#fff", "#808080", "#25d366", "#0a6e55"])
@pytest.mark.parametrize("ground", ["#e8e8e4", "#3a3f3c"])
def test_whatever_colour_is_chosen_words_in_it_can_be_read(colour, ground):
    assert _contrast(legible(colour, ground), ground) >= CONTRAST


def test_two_colours_make_a_ground_and_white_becomes_a_grey_that_can_be_read(db, companies):
    services.change_login_config(secondary_color="#22aadd")
    brand = services.brand_of(None)
    assert "linear-gradient(135deg,#0a6e55,#22aadd)" in style_of(brand, is_entry=True)
    services.change_whitelabel_config(font_weight_normal=300, font_weight_bold=800)
    cache.clear()
    css = style_of(services.brand_of(None), is_entry=False)
    assert "html{font-weight:300}" in css
    assert "font-weight:800" in css
    services.set_named_setting("primaryColorDark", "#fff", company_id=companies.globex.pk)
    cache.clear()
    css = style_of(services.brand_of(companies.globex.pk), is_entry=False)
    assert "--accent:light-dark(#666666,#ffffff)" in css
