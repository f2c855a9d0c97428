"""What goes wrong around settings and files leaves nothing behind."""

import io

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError
from PIL import Image

from companies import receivers, services
from companies.events import CompanySettingsChanged
from companies.exceptions import AnnouncementNotFound, CompanyNotFound, SettingInvalid
from companies.models import Announcement, CompanySettings, Setting
from companies.services.uploads import private_folder, public_folder, store_picture
from companies.tests.test_settings import picture
from messaging.media import MediaDamaged, MediaTooLarge, MediaTypeRefused
from whaticket.tenancy import leave_company

NOBODY = 999_999_999


def names(folder):
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_logo_of_a_company_that_is_gone_leaves_no_file(companies):
    before = names(public_folder())
    with pytest.raises(DatabaseError):
        services.set_logo(io.BytesIO(picture()), "Light", company_id=NOBODY, by_id=None)
    assert names(public_folder()) == before
    assert not Setting.objects.filter(key="appLogoLight").exists()


def test_a_private_file_of_a_company_that_is_gone_leaves_no_file(companies):
    with pytest.raises(DatabaseError):
        services.set_private_file(io.BytesIO(b"x"), "key", company_id=NOBODY, by_id=None)
    assert names(private_folder(NOBODY)) == set()


def test_a_file_for_an_announcement_that_was_removed_meanwhile_is_dropped(companies):
    acme = companies.acme
    gone = Announcement.objects.create(company=acme, title="News", text="x")
    Announcement.objects.all().delete()
    folder = public_folder("announcements")
    before = names(folder)
    file = ContentFile(b"some text", name="a.txt")
    with pytest.raises(AnnouncementNotFound):
        services.attach_file(gone, file, "a.txt", company_id=acme.pk, by_id=None)
    assert names(folder) == before


@pytest.mark.parametrize(
    ("content", "refusal"),
    [(b"", MediaDamaged), (b"x" * 70, MediaTooLarge), (b"text", MediaTypeRefused)],
)
def test_pictures_are_bounded(settings, tmp_path, content, refusal):
    settings.MEDIA_MAX_BYTES = 64
    with pytest.raises(refusal):
        store_picture(io.BytesIO(content), tmp_path)
    assert names(tmp_path) == set()


def test_a_picture_that_would_fill_memory_is_refused_by_its_header(tmp_path):
    file = io.BytesIO()
    Image.new("1", (8000, 6000)).save(file, "PNG")
    with pytest.raises(MediaTypeRefused):
        store_picture(io.BytesIO(file.getvalue()), tmp_path)


def test_there_are_no_settings_of_nobody(companies):
    with pytest.raises(CompanyNotFound):
        services.settings_of(NOBODY)
    with pytest.raises(CompanyNotFound):
        services.update_settings(NOBODY, by_id=None, asks_rating=True)


def test_news_of_settings_that_are_gone_is_no_news(companies, monkeypatch):
    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    CompanySettings.objects.filter(company=companies.acme).delete()
    receivers.show_changed_settings([CompanySettingsChanged(companies.acme.pk, ("asks_rating",))])
    assert sent == []


def test_a_value_of_the_platform_is_written_outside_of_any_company_too(companies):
    leave_company()
    services.set_named_setting("allowSignup", "disabled")
    assert services.may_sign_up() is False


def test_a_platform_that_has_not_decided_about_sign_up_says_so(companies):
    Setting.objects.of_platform().filter(key="userCreation").delete()
    assert services.may_sign_up() is None


@pytest.mark.parametrize("value", ["\ud800", "a\0b", "x" * 61])
def test_a_text_that_cannot_be_kept_is_refused(companies, value):
    with pytest.raises(SettingInvalid):
        services.set_named_setting("appName", value, company_id=companies.acme.pk)


@pytest.mark.parametrize("host", ["", ":80", "x" * 300, "[::1]:8080", "a\0b", "nobody.example"])
def test_a_host_that_is_nobodys_leads_to_no_company(companies, host):
    assert services.company_of_host(host) is None


@pytest.mark.parametrize("address", ["http://[x", "https://", "ftp://a.example", "//a.example"])
def test_what_is_no_web_address(address):
    assert services.is_web_address(address) is False


def test_announcements_are_found_by_their_title(api, facts):
    Announcement.objects.create(company=facts.acme, title="Maintenance", text="x")
    found = api(facts.eva).get("/announcements?searchParam=MAINT").json()
    assert [row["title"] for row in found["records"]] == ["Maintenance"]
