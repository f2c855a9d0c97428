"""The sign-in page, the white label and the mail server of recoveries (rest.md §21)."""

import socketserver
import threading

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts import tasks as account_tasks
from companies import services
from companies.custom_css import clean_css
from companies.login_themes import THEMES
from companies.models import LoginConfig, WhitelabelConfig
from companies.tests.test_settings import SVG, picture

MAIL = {
    "mailHost": "smtp.example.com",
    "mailPort": 587,
    "mailUser": "robot@example.com",
    "mailPass": "a-long-password",
    "mailFrom": "desk@example.com",
}


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


def test_the_sign_in_page_has_defaults_and_is_changed_by_operators(api, facts, web):
    first = web.get("/login-config").json()
    assert (first["theme"], first["enablePasswordRecovery"], first["teamImages"]) == (
        "default", True, [],
    )  # fmt: skip
    change = {
        "theme": "natalino",
        "title": "Hello",
        "typingTexts": ["One", "Two"],
        "primaryColor": "#aa0000",
        "customCss": ".entry { color: rgb(1 2 3) }",
        "teamImages": ["https://cdn.example.com/a.png"],
        "enableAnimations": False,
    }
    assert api(facts.root).put("/login-config", change).status_code == 200
    shown = web.get("/login-config").json()
    assert {key: shown[key] for key in change} == change
    assert LoginConfig.objects.count() == 1


def test_what_was_read_can_be_sent_back(api, facts):
    client = api(facts.root)
    client.put("/login-config", MAIL)
    row = client.get("/login-config").json()
    answer = client.put("/login-config", row)
    assert answer.status_code == 200, answer.json()
    assert LoginConfig.objects.get().mail_credentials == {"password": "a-long-password"}


def test_the_mail_server_is_shown_to_operators_only_and_its_password_to_nobody(api, facts, web):
    answer = api(facts.root).put("/login-config", MAIL).json()
    assert (answer["mailHost"], answer["mailPass"]) == ("smtp.example.com", "***word")
    for client in (web, api(facts.ana), api(facts.rui)):
        shown = client.get("/login-config").json()
        hidden = ("mailHost", "mailPort", "mailUser", "mailFrom", "mailPass", "mailSecure")
        assert [shown[key] for key in hidden] == [None] * 6
    assert api(facts.root).get("/login-config").json()["mailPass"] == "***word"
    with connection.cursor() as cursor:
        cursor.execute("SELECT mail_credentials FROM companies_loginconfig")
        (stored,) = cursor.fetchone()
    assert "password" not in stored


def test_a_short_password_shows_nothing_of_itself(api, facts):
    assert (
        api(facts.root).put("/login-config", {**MAIL, "mailPass": "abcd"}).json()["mailPass"]
        == "***"
    )


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"title": "x" * 101}, ["title"]),
        ({"subtitle": "x" * 201}, ["subtitle"]),
        ({"welcomeMessage": "x" * 501}, ["welcomeMessage"]),
        ({"theme": "halloween"}, ["theme"]),
        ({"primaryColor": "red"}, ["primaryColor"]),
        ({"logoUrl": "javascript:alert(1)"}, ["logoUrl"]),
        ({"backgroundImageUrl": "file:///etc/passwd"}, ["backgroundImageUrl"]),
        ({"teamImages": ["https://a.example/1.png"] * 9}, ["teamImages"]),
        ({"typingTexts": "not a list"}, ["typingTexts"]),
        ({"mailPort": 70000}, ["mailPort"]),
        ({"mailUser": "nobody"}, ["mailUser"]),
        ({"mailHost": "a b"}, ["mailHost"]),
        ({"mailHost": "smtp.example.com"}, ["mailPort", "mailUser", "mailFrom", "mailPass"]),
        ({**MAIL, "mailPass": ""}, ["mailPass"]),
        ({"customCss": "@import 'https://evil.example/x.css';"}, ["customCss"]),
        ({"title": "x" * 101, "theme": "no"}, ["theme", "title"]),
    ],
)
def test_a_bad_page_is_refused_in_the_form_that_editors_read(api, facts, change, fields):
    before = api(facts.root).get("/login-config").json()
    answer = api(facts.root).put("/login-config", {"title": "Changed", **change})
    told = answer.json()
    assert (answer.status_code, told["error"]) == (400, "ERR_VALIDATION")
    assert told["fields"] == fields
    assert [problem["field"] for problem in told["errors"]] == fields
    assert told["message"]
    after = api(facts.root).get("/login-config").json()
    assert {**after, "createdAt": 0, "updatedAt": 0} == {**before, "createdAt": 0, "updatedAt": 0}


@pytest.mark.parametrize(
    "css",
    [
        "a { background: url(https://evil.example/?x) }",
        "a { background: URL(x) }",
        "a { background: u\\72l(x) }",
        "a { background: image-set('https://evil.example/x' 1x) }",
        "a { background: ur/**/l(x) }",
        "@font-face { src: local(x) }",
        "@ImPoRt 'x';",
        "@charset 'utf-7';",
        "</style><script>alert(1)</script>",
        "a { behavior: none }",
        "a { width: expression(alert(1)) }",
        "a { -moz-binding: none }",
        "a { } }",
        "a { /* ",
        "a { background: cross-fade('x', 'y') }",
        "a { content: attr(value) }",
        "x" * 20_001,
    ],
)
def test_a_style_sheet_that_could_fetch_or_run_is_refused(css):
    with pytest.raises(ValueError, match=r"."):
        clean_css(css)


def test_a_style_sheet_that_only_looks_is_kept_without_its_comments():
    css = (
        "/* mine */ @media (max-width: 600px) { .entry:not(.x) { color: rgb(1 2 3); "
        "background: linear-gradient(90deg, var(--accent), #fff) } }"
    )
    assert clean_css(css) == css.removeprefix("/* mine */ ")


def test_twelve_themes_are_offered(api, facts):
    themes = api(facts.root).get("/login-config/themes").json()
    assert list(themes) == [
        "default", "natalino", "anoNovo", "diaMulher", "diaMaes", "conscienciaNegra",
        "independencia", "carnaval", "pascoa", "junina", "diaPais", "diaCriancas",
    ]  # fmt: skip
    for theme in themes.values():
        assert len(theme["typingTexts"]) == 3
        assert theme["layout"] in {"split", "centered", "full-width"}
    assert set(themes) == set(THEMES)


def test_pictures_of_the_team_add_up_to_eight(api, facts, web):
    client = api(facts.root)

    def send(kind, content):
        form = {"file": SimpleUploadedFile("../../a.png", content), "type": kind}
        return client.post(
            "/login-config/upload-image", {**form, "typeArch": "login"}, format="multipart"
        )

    for _ in range(8):
        answer = send("team", picture())
        assert answer.status_code == 200
    url = answer.json()["url"]
    assert url.endswith(f"/public/company{facts.acme.pk}/login/{answer.json()['filename']}")
    assert web.get(url[url.index("/public") :])["Content-Type"] == "image/png"
    ninth = send("team", picture())
    assert (ninth.status_code, ninth.json()["fields"]) == (400, ["teamImages"])
    assert len(list(services.login_folder(facts.acme.pk).iterdir())) >= 8
    background, logo = send("background", picture()), send("logo", picture())
    shown = web.get("/login-config").json()
    assert len(shown["teamImages"]) == 8
    assert shown["teamImages"][-1] == url
    assert (shown["backgroundImageUrl"], shown["logoUrl"]) == (
        background.json()["url"], logo.json()["url"],
    )  # fmt: skip
    assert send("logo", SVG).json()["error"] == "ERR_MEDIA_TYPE"


def test_a_refused_picture_leaves_no_file(api, facts):
    LoginConfig.objects.create(pk=1, team_images=["https://a.example/1.png"] * 8)
    folder = services.login_folder(facts.acme.pk)
    before = set(folder.iterdir()) if folder.exists() else set()
    form = {"file": SimpleUploadedFile("a.png", picture()), "type": "team"}
    api(facts.root).post("/login-config/upload-image", form, format="multipart")
    assert set(folder.iterdir()) == before


# The white label ------------------------------------------------------------------------------


def test_the_white_label_is_changed_and_reset_but_keeps_name_and_logos(api, facts):
    client = api(facts.root)
    first = client.get("/whitelabel-config").json()
    assert (first["sidebarBg"], first["fontSizeBase"]) == ("#1a1d29", 16)
    change = {"sidebarBg": "#000000", "fontSizeBase": 18, "appName": "Desk", "fontFamily": "Arial"}
    changed = client.put("/whitelabel-config", change).json()
    assert {key: changed[key] for key in change} == change
    reset = client.post("/whitelabel-config/reset").json()
    assert (reset["sidebarBg"], reset["fontSizeBase"], reset["appName"]) == ("#1a1d29", 16, "Desk")
    assert reset["fontFamily"] == first["fontFamily"]


@pytest.mark.parametrize(
    "change",
    [
        {"sidebarBg": "blue"},
        {"navbarText": "#ff"},
        {"fontSizeBase": 200},
        {"fontWeightBold": "heavy"},
        {"fontFamily": "x; } body { background: url(//evil)"},
        {"appLogoLight": "../../etc/passwd"},
        {"appLogoDark": "javascript:alert(1)"},
        {"appName": "x" * 61},
    ],
)
def test_a_bad_white_label_is_refused(api, facts, change):
    answer = api(facts.root).put("/whitelabel-config", {"appName": "Changed", **change})
    assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert services.whitelabel_config().app_name == ""


# What they do ---------------------------------------------------------------------------------


class MailServer(socketserver.StreamRequestHandler):
    """As much of a mail server as takes one mail."""

    def handle(self):
        server = self.server
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            server.words.append(line.decode().strip())
            if word == b"EHLO":
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif word == b"AUTH":
                self.wfile.write(b"235 fine\r\n")
            elif word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                for text in self.rfile:
                    if text == b".\r\n":
                        break
                    server.text.append(text.decode())
                self.wfile.write(b"250 taken\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def mail_server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer) as server:
        server.words, server.text = [], []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_recovery_goes_through_the_server_that_operators_named(api, facts, web, mail_server):
    port = mail_server.server_address[1]
    change = {**MAIL, "mailHost": "127.0.0.1", "mailPort": port, "mailSecure": False}
    assert api(facts.root).put("/login-config", change).status_code == 200
    web.post("/auth/password-recovery", {"email": "ana@acme.example"})
    account_tasks.sweep_recoveries()
    assert mail.outbox == []
    assert any(word.lower().startswith("mail from:<desk@") for word in mail_server.words)
    assert any("ana@acme.example" in word for word in mail_server.words)
    assert any("reset-password" in line for line in mail_server.text)
    assert any(word.startswith("AUTH") for word in mail_server.words)


def test_where_recovery_is_switched_off_nobody_gets_a_mail(api, facts, web):
    api(facts.root).put("/login-config", {"enablePasswordRecovery": False})
    for address in ("ana@acme.example", "nobody@acme.example"):
        answer = web.post("/auth/password-recovery", {"email": address})
        assert (answer.status_code, answer.json()["error"]) == (
            403, "ERR_PASSWORD_RECOVERY_DISABLED",
        )  # fmt: skip
    account_tasks.sweep_recoveries()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "change",
    [
        {"theme": "halloween"},
        {"custom_css": "a { background: url(x) }"},
        {"primary_color": "red"},
        {"logo_url": "javascript:alert(1)"},
        {"mail_port": 70000},
    ],
)
def test_no_other_form_lets_a_bad_sign_in_page_through(change):
    with pytest.raises(ValidationError) as refused:
        LoginConfig(**change).full_clean()
    assert set(refused.value.message_dict) == set(change)


@pytest.mark.parametrize("change", [{"font_family": "x; } a {"}, {"sidebar_bg": "#12"}])
def test_no_other_form_lets_a_bad_white_label_through(change):
    with pytest.raises(ValidationError) as refused:
        WhitelabelConfig(**change).full_clean()
    assert set(refused.value.message_dict) == set(change)
