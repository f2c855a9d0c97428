"""The reports page in a real browser: readable, fitting, used by mouse and by keyboard."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from console.tests.screen import DESKTOP, PHONE, Screen, listen

EVERYTHING = ("now", "numbers", "groups", "tickets")


@pytest.fixture
def reports_page(sign_in, platform, complaints):
    opened = []

    def show(viewport, theme="light"):
        context = sign_in(viewport=viewport, color_scheme=theme, has_touch=viewport is PHONE)
        opened.append(listen(context.new_page(), complaints))
        screen = Screen(opened[-1], platform.url).goes_to("/app/reports/")
        # The parts follow the page.
        expect(screen.page.locator(".report-part .skeleton")).to_have_count(0)
        return screen

    yield show
    for page in opened:
        page.close()


@pytest.fixture
def name(customer):
    """A customer who wrote just now."""
    name = f"Reported {uuid.uuid4().hex[:6]}"
    customer(name).says("Good morning")
    return name


def test_a_manager_finds_the_ticket_behind_a_number(reports_page, name):
    page = reports_page(DESKTOP).page
    for part in EVERYTHING:
        expect(page.locator(f"#report-{part}")).not_to_be_empty()
    expect(page.locator("#report-tickets")).to_contain_text(name)
    page.get_by_role("link", name="Today").click()
    expect(page).to_have_url(re.compile(r"period=today"))
    status = page.get_by_label("Status")
    status.focus()
    status.select_option("pending")
    # An address that can be shared, and the keyboard where it was.
    expect(page).to_have_url(re.compile(r"/app/reports/\?(?=.*period=today)(?=.*status=pending)"))
    expect(page.get_by_label("Status")).to_be_focused()
    page.locator("#tab-queue").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tab-queue")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"by=queue"))
    expect(page.locator("#report-groups")).to_contain_text("All together")
    with page.expect_download() as download:
        page.locator("#report-tickets").get_by_role("link", name="CSV").click()
    assert name in download.value.path().read_text("utf-8-sig")
    page.get_by_role("button", name="Own range").click()
    page.get_by_label("From").fill("2024-02-01")
    page.get_by_label("To", exact=True).fill("2024-02-29")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#report-numbers")).to_contain_text("Nothing in this period")
    page.go_back()
    page.locator("#report-tickets").get_by_role("link", name=name).click()
    expect(page.locator(".head-names strong")).to_have_text(name)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_can_be_read_and_fits(reports_page, name, theme):
    screen = reports_page(DESKTOP, theme)
    for viewport in (DESKTOP, PHONE):
        screen.page.set_viewport_size(viewport)
        screen.expect_readable()
        screen.expect_no_sideways_scrolling()
