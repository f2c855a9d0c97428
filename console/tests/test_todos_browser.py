"""A person keeps their list of things to do with mouse and keyboard; it can be read everywhere."""

import pytest
from playwright.sync_api import expect

from console.tests.screen import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.system]


def test_a_list_is_kept_with_mouse_and_keyboard(screen):
    page = screen.page
    page.get_by_role("button", name="Your menu").click()
    page.get_by_role("button", name="To-do").press("Enter")
    expect(page.get_by_label("Add to your list")).to_be_focused()
    expect(page.get_by_role("heading", name="Nothing to do")).to_be_visible()
    page.keyboard.type("Call Carla")
    page.keyboard.press("Enter")
    page.keyboard.type("Send the offer")
    page.keyboard.press("Enter")
    words = page.locator("#todo-lines textarea")
    expect(words).to_have_count(2)
    expect(words.nth(0)).to_have_value("Call Carla")
    expect(words.nth(1)).to_have_value("Send the offer")

    # Escape takes a change back; Enter keeps it.
    words.nth(0).fill("nonsense")
    page.keyboard.press("Escape")
    expect(words.nth(0)).to_have_value("Call Carla")
    words.nth(0).fill("Call Carla at noon")
    with page.expect_response("**/change/"):
        page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    with page.expect_response("**/change/"):
        page.keyboard.press("Space")
    expect(page.get_by_label("Done: Call Carla at noon")).to_be_checked()

    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        for theme in ("light", "dark"):
            page.evaluate("name => document.documentElement.dataset.theme = name", theme)
            screen.expect_readable()
            screen.expect_no_sideways_scrolling()
    page.set_viewport_size(DESKTOP)

    page.get_by_label("Delete: Call Carla at noon").press("Enter")
    expect(words).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(words).to_have_count(2)
    expect(words.nth(0)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Your menu")).to_be_focused()

    # Opened again it is the server's: as it was left, what is done at the end.
    page.keyboard.press("Control+k")
    page.keyboard.type("to-do")
    page.keyboard.press("Enter")
    expect(words.nth(0)).to_have_value("Send the offer")
    expect(words.nth(1)).to_have_value("Call Carla at noon")
    expect(page.get_by_label("Done: Call Carla at noon")).to_be_checked()
    # A line that is emptied goes.
    words.nth(0).fill("")
    page.keyboard.press("Enter")
    expect(page.locator(".todo-gone")).to_contain_text("Send the offer")
    expect(words).to_have_count(1)
