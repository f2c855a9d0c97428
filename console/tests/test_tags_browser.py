"""Tags and lanes are made, changed and removed on their page, and colleagues see it at once."""

import re

import pytest
from playwright.sync_api import expect

from console.tests.screen import DESKTOP, PHONE, Screen, listen

pytestmark = [pytest.mark.browser, pytest.mark.system]


def test_a_lane_is_made_with_its_rules_and_removed(sign_in, platform, complaints):
    api = platform.api()
    api.post("/tags", json={"name": "Follow-up", "kanban": 1}).raise_for_status()
    # The refusal below is one.
    page = listen(sign_in().new_page(), complaints, but=re.compile("400"))
    screen = Screen(page, platform.url).goes_to("/app/tags/")
    page.get_by_role("button", name="New lane").focus()
    screen.presses("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Qualified")
    page.get_by_role("button", name="Teal").click()
    page.get_by_label("After so many hours").fill("48")
    # What is wrong is said at its field, and nothing that was typed is lost.
    page.keyboard.press("Enter")
    expect(page.get_by_label("Move to")).to_be_focused()
    page.get_by_label("Move to").select_option("Follow-up")
    page.get_by_role("button", name="First name").click()
    page.get_by_role("button", name="Save").click()
    lane = page.locator(".tag-row", has_text="Qualified")
    expect(lane).to_contain_text("After 48 h without an answer: Follow-up")
    expect(lane).to_contain_text("{{firstName}}")

    for theme in ("light", "dark"):
        page.evaluate("(t) => (document.documentElement.dataset.theme = t)", theme)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            screen.expect_readable()
            screen.expect_no_sideways_scrolling()
    page.set_viewport_size(DESKTOP)

    api.post("/tags", json={"name": "From a colleague", "kanban": 0}).raise_for_status()
    expect(page.locator(".tag-row", has_text="From a colleague")).to_be_visible()
    page.get_by_role("button", name="Delete Qualified").click()
    page.locator("#dialog").get_by_role("button", name="Delete").click()
    expect(lane).to_have_count(0)
    page.close()
