"""Contacts are found, added, blocked, merged and imported on their page, live."""

import re

import pytest
from playwright.sync_api import expect

from console.tests.screen import DESKTOP, PHONE, Screen, listen

pytestmark = [pytest.mark.browser, pytest.mark.system]


def test_people_are_added_found_blocked_merged_and_imported(
    sign_in, platform, customer, complaints
):
    api = platform.api()
    # The number that is known already is refused below.
    page = listen(sign_in().new_page(), complaints, but=re.compile("400"))
    screen = Screen(page, platform.url).goes_to("/app/contacts/")

    def row(name):
        return page.locator(".contact-row", has_text=name)

    def choose(name, what):
        page.get_by_role("button", name=f"More for {name}").click()
        row(name).locator(".menu-item", has_text=what).click()

    # On the network without having written yet.
    ximena, yara = customer("Ximena Toledo"), customer("Yara Queiroz")
    known = {"name": ximena.name, "number": ximena.number}
    api.post("/contacts", json=known).raise_for_status()
    expect(row("Ximena Toledo")).to_contain_text("+55 11")

    page.get_by_role("button", name="New contact").focus()
    screen.presses("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Yara Queiroz")
    page.get_by_label("Number").fill(ximena.number)
    page.keyboard.press("Enter")
    expect(page.locator(".toast.is-error")).to_contain_text("already has this number")
    page.get_by_label("Number").fill(yara.number)
    page.keyboard.press("Enter")
    expect(row("Yara Queiroz")).to_be_visible()

    choose("Yara Queiroz", "Block")
    expect(row("Yara Queiroz")).to_contain_text("Blocked")
    page.get_by_role("button", name="Undo").click()
    expect(row("Yara Queiroz")).not_to_contain_text("Blocked")

    choose("Ximena Toledo", "Merge")
    page.locator("#dialog").get_by_label("Name or number").fill("yara")
    page.locator("#dialog .choice", has_text="Yara Queiroz").click()
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(row("Yara Queiroz")).to_have_count(0)
    page.locator(".toast", has_text="one now").get_by_role("button", name="Undo").click()
    expect(row("Yara Queiroz")).to_be_visible()

    page.get_by_role("button", name="Import").click()
    table = b"nome;numero\nZoraide Lima;5511930000003\nNobody;12\n"
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": table}
    page.locator("#contact-import [name=file]").set_input_files(file)
    expect(page.locator(".import-table .is-bad")).to_contain_text("This is not a phone number.")
    screen.expect_readable()
    page.get_by_role("button", name="Import 1 contact").click()
    result = "New: 1. Known before: 0. Not taken in: 1."
    expect(page.locator("[data-progress-words]")).to_have_text(result)
    screen.presses("Escape")
    expect(row("Zoraide Lima")).to_be_visible()

    for theme in ("light", "dark"):
        page.evaluate("(t) => (document.documentElement.dataset.theme = t)", theme)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            screen.expect_readable()
            screen.expect_no_sideways_scrolling()

    page.get_by_role("searchbox").fill("ximena")
    expect(row("Zoraide Lima")).to_have_count(0)
    page.get_by_role("button", name="Start a conversation with Ximena Toledo").click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".head-names strong")).to_have_text("Ximena Toledo")
    page.close()
