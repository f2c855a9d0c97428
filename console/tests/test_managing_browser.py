"""People, queues and one's profile in a real browser: read, sorted, filled in by mouse and keys."""

import re

import pytest
from playwright.sync_api import expect

from console.tests.screen import COLLEAGUE, DESKTOP, PHONE, Screen, listen


@pytest.fixture
def show(sign_in, platform, complaints):
    opened = []

    def page(path, viewport=DESKTOP, theme="light", email=None):
        options = {"viewport": viewport, "color_scheme": theme, "has_touch": viewport is PHONE}
        context = sign_in(email, **options) if email else sign_in(**options)
        if theme == "dark":
            cookie = {"name": "theme", "value": "dark", "url": platform.url}
            context.add_cookies([cookie])
        # What is refused on purpose is noted by the browser, too.
        opened.append(listen(context.new_page(), complaints, but=re.compile("400")))
        return Screen(opened[-1], platform.url).goes_to(path)

    yield page
    for page in opened:
        page.close()


@pytest.mark.parametrize(
    ("viewport", "theme"), [(DESKTOP, "dark"), (PHONE, "light")], ids=["dark desktop", "phone"]
)
def test_pages_can_be_read_and_fit(show, viewport, theme):
    screen = show("/app/people/", viewport, theme)
    for path in (None, "/app/people/new/", "/app/queues/", "/app/queues/new/", "/app/profile/"):
        if path:
            screen.goes_to(path)
        if path == "/app/queues/new/":
            # With everything that unfolds.
            screen.page.locator('[name="monday_is"]').select_option("hours")
            screen.page.locator('[name="distribution"][value="next"]').check(force=True)
            screen.page.locator('[name="members"]').last.check(force=True)
        screen.expect_readable()
        screen.expect_no_sideways_scrolling()


def test_a_manager_makes_a_queue_sorts_it_and_lets_somebody_in(show):
    screen = show("/app/queues/")
    page = screen.page
    # A queue: what is wrong is said at the field, which has the focus.
    page.get_by_role("link", name="New queue").first.click()
    expect(page.get_by_role("button", name="Create queue")).to_be_enabled()
    page.get_by_label("Name", exact=True).fill("Support")
    page.keyboard.press("Enter")
    expect(page.locator("#error-name")).to_have_text("Another queue has this name.")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Warranty")
    expect(page.locator("#error-name")).to_have_count(0)
    page.locator('[name="monday_is"]').select_option("hours")
    page.get_by_role("button", name="Every day as Monday").click()
    expect(page.locator('[name="sunday_startTimeA"]')).to_be_visible()
    page.locator(".choice", has_text="Bia Prado").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/app/queues/")
    expect(page.locator("#toasts")).to_contain_text("Warranty is kept.")
    names = page.locator(".queue-row h2")
    expect(names.last).to_have_text("Warranty")
    # Its order, by keyboard, and taken back.
    before = names.all_text_contents()
    up = page.get_by_role("button", name="Move up: Warranty")
    up.focus()
    page.keyboard.press("Enter")
    expect(names.nth(len(before) - 2)).to_have_text("Warranty")
    expect(page.get_by_role("button", name="Move up: Warranty")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_text(before)
    # By mouse.
    first, last = page.locator("[data-grip]").first, page.locator("[data-grip]").last
    last.hover()
    page.mouse.down()
    box = first.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5, steps=8)
    page.mouse.up()
    expect(names.first).to_have_text("Warranty")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.reload()
    expect(names.first).to_have_text("Warranty")
    # And its end.
    page.get_by_role("button", name="Delete Warranty").click()
    expect(page.get_by_role("dialog")).to_contain_text("One person answers it no more.")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Delete Warranty").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".queue-row", has_text="Warranty")).to_have_count(0)

    # Somebody comes, while a colleague has the list open.
    other = show("/app/people/").page
    screen.goes_to("/app/people/new/")
    page.get_by_label("Name", exact=True).fill("Caio Reis")
    page.get_by_label(re.compile("^E-mail")).fill("caio@whaticket.local")
    page.keyboard.press("Tab")
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    expect(page.locator("#error-password")).to_have_text("Use at least 8 characters.")
    page.get_by_label(re.compile("^Password")).fill("a long enough one")
    page.get_by_role("switch", name="Groups").check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/app/people/")
    row = page.locator("[data-person]", has_text="Caio Reis")
    expect(row).to_contain_text("Agent")
    expect(other.locator("[data-person]", has_text="Caio Reis")).to_be_visible()
    page.get_by_role("searchbox").fill("caio")
    expect(page.locator("[data-person]")).to_have_count(1)
    row.get_by_role("button", name="Remove Caio Reis").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("[data-person]")).to_have_count(0)
    expect(other.locator("[data-person]", has_text="Caio Reis")).to_have_count(0)


def test_everybody_finds_their_profile_in_their_menu(show):
    screen = show("/app/", email=COLLEAGUE)
    page = screen.page
    page.get_by_role("button", name="Your menu").click()
    page.get_by_role("link", name="Your profile").click()
    expect(page.get_by_role("button", name="Save")).to_be_enabled()
    name = page.get_by_label("Name", exact=True)
    expect(name).to_have_value("Bia Prado")
    name.fill("Bia P. Prado")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.locator("#me-menu strong")).to_have_text("Bia P. Prado")
    name.fill("Bia Prado")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#me-menu strong")).to_have_text("Bia Prado")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.locator("#toasts")).to_contain_text("You are signed out everywhere else.")
    page.wait_for_selector("body[data-live]")
    expect(name).to_have_value("Bia Prado")
