"""Tags, lanes and notes in the panel beside a conversation, as an agent uses them."""

import pytest
from playwright.sync_api import expect

from console.tests.screen import PHONE, Screen, listen

pytestmark = [pytest.mark.browser, pytest.mark.system]


def test_an_agent_tags_moves_and_notes_and_a_half_written_note_stays(
    screen, customer, platform, sign_in, complaints
):
    api = platform.api()
    for name in ("Proposal", "Won"):
        api.post("/tags", json={"name": name, "kanban": 1}).raise_for_status()
    customer("Rita Moura").says("I want a quote")
    screen.accepts("Rita Moura")
    screen.composer.press("Escape")
    screen.presses("d")
    panel = screen.page.locator("#details")

    panel.get_by_label("Add a tag").fill("Wholesale")
    panel.get_by_role("button", name="Add this tag").click()
    expect(panel.locator(".chip.tag", has_text="Wholesale")).to_be_visible()
    expect(panel.get_by_label("Add a tag")).to_have_value("")
    # The list hears of it, too.
    screen.tab("open")
    expect(screen.card("Rita Moura")).to_contain_text("Wholesale")

    panel.get_by_label("Lane").select_option("Proposal")
    expect(screen.card("Rita Moura")).to_contain_text("Proposal")

    draft = panel.get_by_label("New note")
    draft.fill("Prefers calls in the morn")
    # A colleague moves the card meanwhile; what is half written stays.
    ticket = api.get("/tickets", params={"status": "open", "showAll": "true"}).json()["tickets"]
    (rita,) = [row for row in ticket if row["contact"]["name"] == "Rita Moura"]
    (won,) = [row for row in api.get("/tag/kanban").json()["lista"] if row["name"] == "Won"]
    api.put(f"/ticket-tags/{rita['id']}/{won['id']}").raise_for_status()
    expect(panel.get_by_label("Lane").locator("option:checked")).to_have_text("Won")
    expect(draft).to_have_value("Prefers calls in the morn")
    draft.press_sequentially("ing")
    panel.get_by_role("button", name="Save note").click()
    expect(panel.locator(".remark")).to_contain_text("Prefers calls in the morning")
    expect(draft).to_have_value("")
    screen.expect_readable()

    screen.page.once("dialog", lambda dialog: dialog.accept())
    panel.get_by_role("button", name="Delete this note").click()
    expect(panel.locator(".remark")).to_have_count(0)
    panel.get_by_role("button", name="Remove the tag Wholesale").click()
    expect(panel.locator(".chip.tag", has_text="Wholesale")).to_have_count(0)
    expect(screen.card("Rita Moura")).not_to_contain_text("Wholesale")


def test_a_tag_just_added_is_no_draft_though_the_panel_was_drawn_before_the_answer_came(
    screen, customer, complaints
):
    customer("Rui Prado").says("Do you sell to shops?")
    screen.accepts("Rui Prado")
    screen.composer.press("Escape")
    screen.presses("d")
    panel = screen.page.locator("#details")
    held = []
    screen.page.route("**/tags/", lambda route: held.append((route, route.fetch())))

    panel.get_by_label("Add a tag").fill("Wholesale")
    panel.get_by_role("button", name="Add this tag").click()
    # The socket is faster than the answer.
    expect(panel.locator(".chip.tag", has_text="Wholesale")).to_be_visible()
    ((route, answer),) = held
    route.fulfill(response=answer)
    expect(panel.get_by_label("Add a tag")).to_have_value("")


def test_the_panel_fits_a_phone(sign_in, platform, customer, complaints):
    context = sign_in(viewport=PHONE, has_touch=True, is_mobile=True)
    page = listen(context.new_page(), complaints)
    screen = Screen(page, platform.url).goes_to()
    customer("Saulo Pires").says("On my way")
    screen.accepts("Saulo Pires")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("d")
    expect(page.locator("#details").get_by_label("New note")).to_be_visible()
    screen.expect_no_sideways_scrolling()
    context.close()
