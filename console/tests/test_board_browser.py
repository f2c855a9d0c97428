"""The board as an agent uses it: with the mouse, the keys, a finger; live, and when moves fail."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from console.tests.screen import DESKTOP, PHONE, Screen, listen

pytestmark = [pytest.mark.browser, pytest.mark.system]

LANES = ("Negotiation", "Signed")


@pytest.fixture(scope="module")
def lanes(platform):
    api = platform.api()
    return {
        name: api.post("/tags", json={"name": name, "kanban": 1}).json()["id"] for name in LANES
    }


def column(page: Page, name: str) -> Locator:
    return page.locator(f'.lane-column[data-name="{name}"]')


def card(page: Page, name: str, lane: str) -> Locator:
    return column(page, lane).locator(".board-card", has_text=name)


def lift(page: Page, what: Locator, to: Locator) -> None:
    """Take a card and hold it over a column."""
    what.hover(position={"x": 60, "y": 20})
    page.mouse.down()
    end = to.bounding_box()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 120, steps=8)
    expect(to).to_have_class(re.compile("is-target"))


def carry(page: Page, what: Locator, to: Locator) -> None:
    lift(page, what, to)
    page.mouse.up()


def hold_and_carry(page: Page, what: Locator, to: Locator) -> None:
    """Let a finger rest on a card and carry it."""
    finger = page.context.new_cdp_session(page)
    start, end = what.bounding_box(), to.bounding_box()
    at = {"x": start["x"] + 60, "y": start["y"] + 20}

    def touch(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", at)
    expect(page.locator(".board-ghost")).to_be_visible()
    # What is left of the next column beside the one in view.
    touch("touchMove", {"x": end["x"] + 12, "y": at["y"] + 40})
    expect(to).to_have_class(re.compile("is-target"))
    touch("touchEnd")


def test_what_changes_meanwhile_takes_no_card_out_of_a_hand(
    sign_in, platform, customer, lanes, complaints
):
    page = listen(sign_in().new_page(), complaints)
    customer("Otto Lang").says("Is it still there?")
    Screen(page, platform.url).goes_to("/app/board/")
    lift(page, card(page, "Otto Lang", "No lane"), column(page, "Negotiation"))
    with page.expect_response(lambda answer: answer.url.endswith("/app/board/?")):
        made = platform.api().post("/tags", json={"name": "Later", "kanban": 1}).json()
    page.wait_for_timeout(200)
    expect(page.locator(".board-ghost")).to_be_visible()
    page.mouse.up()
    expect(column(page, "Later")).to_be_visible()
    expect(card(page, "Otto Lang", "Negotiation")).to_be_visible()
    platform.api().delete(f"/tags/{made['id']}").raise_for_status()
    expect(column(page, "Later")).to_have_count(0)
    # Whoever comes next finds the board as it was.
    ticket = card(page, "Otto Lang", "Negotiation").get_attribute("data-id")
    platform.api().put(f"/tickets/{ticket}", json={"status": "closed"}).raise_for_status()
    expect(card(page, "Otto Lang", "Negotiation")).to_have_count(0)


def test_conversations_move_by_mouse_by_keys_live_and_back(
    sign_in, platform, customer, lanes, complaints
):
    context = sign_in()
    page = listen(context.new_page(), complaints, but=re.compile("ERR_FAILED"))
    screen = Screen(page, platform.url)
    customer("Nadia Reis").says("Can I have a contract?")
    screen.goes_to("/app/board/")
    here = card(page, "Nadia Reis", "No lane")
    expect(here).to_contain_text("Can I have a contract?")
    expect(here).to_contain_text("Nobody yet")

    carry(page, here, column(page, "Negotiation"))
    moved = card(page, "Nadia Reis", "Negotiation")
    expect(moved).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(here).to_be_visible()

    # One step of Tab leads in; arrows with Ctrl carry.
    here.locator(".board-link").focus()
    screen.presses("Control+ArrowRight")
    expect(moved.locator(".board-link")).to_be_focused()
    expect(page.locator("#announce")).to_have_text("Nadia Reis moved to Negotiation")
    screen.presses("m", "End")
    # Not the answer to the move before it, which may be on its way yet.
    with page.expect_response(
        lambda answer: (
            answer.url.endswith("/lane/")
            and answer.request.post_data_json == {"lane": str(lanes["Signed"])}
        )
    ):
        page.locator("#board-menu [data-to]", has_text="Signed").press("Enter")
    signed = card(page, "Nadia Reis", "Signed")
    expect(signed.locator(".board-link")).to_be_focused()
    expect(column(page, "Signed").locator("[data-lane-count]")).to_have_text("1")

    # What the server does not take goes back.
    page.route("**/lane/", lambda route: route.abort())
    screen.presses("Control+ArrowLeft")
    expect(page.locator(".toast.is-error")).to_be_visible()
    expect(signed.locator(".board-link")).to_be_focused()
    page.unroute("**/lane/")

    # A colleague's move and a customer's words appear by themselves.
    ticket = signed.get_attribute("data-id")
    platform.api().put(f"/ticket-tags/{ticket}/{lanes['Negotiation']}").raise_for_status()
    expect(moved).to_be_visible()
    customer("Plínio Costa").says("Hello there")
    expect(card(page, "Plínio Costa", "No lane")).to_be_visible()

    for theme in ("light", "dark"):
        page.evaluate("(t) => (document.documentElement.dataset.theme = t)", theme)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            screen.expect_readable()
            screen.expect_no_sideways_scrolling()
    page.set_viewport_size(DESKTOP)

    page.get_by_role("searchbox").fill("plinio")
    expect(moved).to_have_count(0)
    card(page, "Plínio Costa", "No lane").locator(".board-link").press("Enter")
    expect(page.locator(".head-names strong")).to_have_text("Plínio Costa")
    page.close()


def test_on_a_phone_a_held_card_is_carried_and_columns_swipe(
    sign_in, platform, customer, lanes, complaints
):
    context = sign_in(viewport=PHONE, has_touch=True, is_mobile=True)
    page = listen(context.new_page(), complaints)
    customer("Quitéria Melo").says("Good morning")
    screen = Screen(page, platform.url).goes_to("/app/board/?q=quiteria")
    held = card(page, "Quitéria Melo", "No lane")
    expect(held).to_be_visible()
    following = page.locator(".lane-column").nth(1)
    hold_and_carry(page, held, following)
    expect(following.locator(".board-card")).to_contain_text("Quitéria Melo")
    screen.expect_no_sideways_scrolling()
    context.close()
