"""The settings page in a real browser: kept at once, readable, fitting, by keyboard too."""

import re

import pytest
from playwright.sync_api import expect

from console.tests.screen import DESKTOP, PHONE, Screen, listen


@pytest.fixture
def settings_page(sign_in, platform, complaints):
    opened = []

    def show(viewport, theme="light"):
        context = sign_in(viewport=viewport, color_scheme=theme, has_touch=viewport is PHONE)
        opened.append(listen(context.new_page(), complaints))
        return Screen(opened[-1], platform.url).goes_to("/app/settings/")

    yield show
    for page in opened:
        page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_can_be_read_and_fits(settings_page, viewport, theme):
    screen = settings_page(viewport, theme)
    expect(screen.page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    screen.expect_readable()
    screen.expect_no_sideways_scrolling()


def test_a_switch_and_a_text_are_kept_without_a_button(settings_page):
    page = settings_page(DESKTOP).page
    switch = page.locator("#value-userRating")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.locator("#setting-userRating .setting-saved")).to_have_text("Saved")
    expect(switch).to_be_checked()
    expect(switch).to_be_focused()
    text = page.locator("#value-transferMessage")
    text.fill("One moment")
    page.keyboard.press("Tab")
    expect(page.locator("#setting-transferMessage .setting-saved")).to_have_text("Saved")
    expect(page.locator("#announce")).to_have_text(re.compile("Saved"))
    page.reload()
    expect(page.locator("#value-userRating")).to_be_checked()
    expect(page.locator("#value-transferMessage")).to_have_value("One moment")
    page.locator("#value-userRating").uncheck()
    expect(page.locator("#setting-userRating .setting-saved")).to_have_text("Saved")
