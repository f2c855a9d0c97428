"""Two colleagues talk in a room, live, by keyboard; it can be read everywhere."""

import pytest
from playwright.sync_api import expect

from console.tests.screen import COLLEAGUE, DESKTOP, PHONE, Screen, listen

pytestmark = [pytest.mark.browser, pytest.mark.system]


def test_colleagues_open_a_room_and_talk_live(screen, sign_in, platform, complaints):
    page = screen.goes_to("/app/chat/").page
    page.get_by_role("button", name="New room").first.click()
    page.get_by_label("Name (optional)").fill("Morning shift")
    page.get_by_label("Bia Prado").check(force=True)
    page.get_by_role("button", name="Open room").click()
    expect(page.locator(".head-names strong")).to_have_text("Morning shift")
    expect(page.locator("#team-text")).to_be_focused()

    other = Screen(listen(sign_in(COLLEAGUE).new_page(), complaints), platform.url).goes_to()
    expect(other.page.locator("[data-team-badge]")).to_be_hidden()
    page.keyboard.type("Who covers")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("lunch?")
    page.keyboard.press("Enter")
    expect(page.locator(".msg.out[data-said] .text")).to_have_text(
        "Who covers\nlunch?", use_inner_text=True
    )
    expect(page.locator("#team-text")).to_have_value("")
    # Wherever a colleague is, the rail tells.
    expect(other.page.locator("[data-team-badge]")).to_be_visible()

    other.page.get_by_role("link", name="Team chat").click()
    other.page.locator("[data-room-open]").press("Enter")
    expect(other.page.locator("#team-unread-line")).to_be_visible()
    expect(other.page.locator("[data-team-badge]")).to_be_hidden()
    other.page.locator("#team-files").set_input_files(
        {"name": "rota.txt", "mimeType": "text/plain", "buffer": b"Bia: noon"}
    )
    other.page.locator("#team-text").fill("I do")
    other.page.keyboard.press("Enter")
    answer = page.locator(".msg.in[data-said]")
    expect(answer).to_contain_text("rota.txt")
    expect(answer.locator(".text")).to_have_text("I do")

    # An answer that is lost on its way makes nobody say a thing twice.
    page.route("**/send/", lambda route: (route.fetch(), route.abort()), times=1)
    page.locator("#team-text").fill("Thanks")
    page.keyboard.press("Enter")
    page.locator(".msg.is-failed").get_by_role("button", name="Send again").click()
    expect(page.locator(".msg.is-failed, .msg.is-sending")).to_have_count(0)
    for tab in (page, other.page):
        expect(tab.locator(".msg[data-said]", has_text="Thanks")).to_have_count(1)
    # Chromium notes the broken line; that was the test's doing.
    complaints[:] = [told for told in complaints if "ERR_FAILED" not in told]

    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            screen.expect_readable()
            screen.expect_no_sideways_scrolling()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("[data-room-card]")).to_be_visible()
    page.set_viewport_size(DESKTOP)

    page.locator("[data-room-open]").click()
    page.locator(".head-tools").get_by_role("button", name="Delete").click()
    page.locator("#dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("[data-room-card]")).to_have_count(0)
    # Who was looking at it is told, and led away.
    expect(other.page.locator("#toasts")).to_contain_text("This room was removed")
    expect(other.page.get_by_role("heading", name="Talk with your team")).to_be_visible()
    other.page.close()


def test_an_urgent_announcement_stands_above_every_page_until_it_is_read(screen, platform):
    page = screen.page
    body = {"title": "Maintenance tonight", "text": "From *ten* on", "priority": 1, "status": True}
    made = platform.api().post("/announcements", json=body)
    made.raise_for_status()
    strip = page.locator(".strip", has_text="Maintenance tonight")
    expect(strip).to_be_visible(timeout=15_000)
    screen.expect_readable()
    screen.expect_no_sideways_scrolling()
    strip.get_by_role("button", name="Read").press("Enter")
    expect(page.locator("#notices .text strong")).to_have_text("ten")
    page.keyboard.press("Escape")
    expect(strip).to_have_count(0)
    page.reload()
    page.wait_for_selector("body[data-live]")
    expect(strip).to_have_count(0)
    platform.api().delete(f"/announcements/{made.json()['id']}").raise_for_status()
    expect(page.locator("#notices-button")).to_be_hidden(timeout=15_000)
