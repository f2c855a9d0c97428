"""An answer given often is kept once, found by `/`, and sent with its file."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from console.tests.screen import COLLEAGUE, PHONE, Screen, listen

pytestmark = [pytest.mark.browser, pytest.mark.system]

# The menu of languages has options, too.
OPTIONS = "#quick-list [role=option]"


def picture():
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "salmon").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def kept(platform):
    """Three quick messages of the company, one with a file."""
    api = platform.api()
    for body in (
        {"shortcode": "horário", "message": "{{firstName}}, abrimos às 8h. É só vir/ligar"},
        {"shortcode": "hours", "message": "Hi {{firstName}}!\nWe open at 8. {{userName}}"},
        {"shortcode": "menu", "message": "Our menu, {{name}}"},
    ):
        made = api.post("/quick-messages", json=body)
        made.raise_for_status()
    file = {"file": ("menu.png", picture(), "image/png")}
    api.post(f"/quick-messages/{made.json()['id']}/media-upload", files=file).raise_for_status()


def test_a_slash_finds_an_answer_and_enter_inserts_it_with_its_variables(kept, screen, customer):
    rita = customer("Rita Lobo")
    rita.says("When do you open?")
    screen.accepts("Rita Lobo")
    options = screen.page.locator(OPTIONS)
    screen.page.keyboard.type("/ho")
    expect(options).to_have_count(2)
    expect(options.first).to_contain_text("/horário")
    expect(screen.composer).to_have_attribute("aria-activedescendant", "quick-0")
    expect(screen.page.locator("#announce")).to_contain_text("2 quick messages")
    screen.expect_readable()
    screen.presses("ArrowDown", "Enter")
    expect(options).to_have_count(0)
    expect(screen.composer).to_have_value(re.compile(r"^Hi Rita!\nWe open at 8\. \w+"))
    screen.presses("Enter")
    screen.settled("We open at 8.")
    rita.comes_to(lambda shown: shown and shown[0]["text"].startswith("Hi Rita!\nWe open at 8."))
    # Without accents, in the middle of a text, and one that holds a slash itself.
    screen.page.keyboard.type("Olá! /HORARIO")
    expect(options).to_have_count(1)
    screen.presses("Tab")
    expect(screen.composer).to_have_value("Olá! Rita, abrimos às 8h. É só vir/ligar")
    expect(options).to_have_count(0)
    # Escape leaves the words alone; a name that nothing has is not sent by the same Enter.
    screen.composer.fill("")
    screen.page.keyboard.type("/hours")
    expect(options).to_have_count(1)
    screen.presses("Escape")
    expect(options).to_have_count(0)
    expect(screen.composer).to_be_focused()
    expect(screen.composer).to_have_value("/hours")
    screen.composer.fill("")
    screen.page.keyboard.type("/nothing")
    expect(screen.page.locator("#quick-list")).to_contain_text("No quick message has this name")
    screen.presses("Enter")
    expect(screen.page.locator("#quick-list")).to_have_count(0)
    expect(screen.composer).to_have_value("/nothing")
    assert len(rita.shown()) == 1


def test_a_file_goes_along_and_the_words_are_its_caption(kept, screen, customer):
    saulo = customer("Saulo Dias")
    saulo.says("What do you have?")
    screen.accepts("Saulo Dias")
    screen.page.get_by_role("button", name="Quick messages", exact=True).click()
    screen.page.keyboard.type("men")
    screen.page.locator(OPTIONS, has_text="/menu").click()
    expect(screen.page.locator("#tray")).to_contain_text("menu.png")
    expect(screen.composer).to_be_focused()
    screen.presses("Enter")
    expect(screen.settled("Our menu, Saulo Dias").locator("img")).to_be_visible()
    sent = saulo.gets("Our menu, Saulo Dias")
    assert saulo.file(sent) == picture()
    assert len(saulo.shown()) == 1


def test_the_page_keeps_changes_and_forgets_and_others_follow_live(
    kept, screen, sign_in, platform, complaints
):
    bia = Screen(listen(sign_in(COLLEAGUE).new_page(), complaints), platform.url)
    bia.goes_to("/app/quick-messages/")
    page, dialog = screen.page, screen.page.locator("#dialog")
    screen.goes_to("/app/quick-messages/")
    screen.expect_readable()
    page.get_by_role("button", name="New quick message").click()
    dialog.get_by_label("Name, typed after /").fill("/pix")
    dialog.get_by_label("Text").fill("Our key, ")
    dialog.get_by_role("button", name="First name").click()
    screen.expect_readable()
    dialog.get_by_role("button", name="Save").click()
    row = page.locator(".quick-row", has_text="/pix")
    expect(row).to_contain_text("Our key, {{firstName}}")
    theirs = bia.page.locator(".quick-row", has_text="/pix")
    expect(theirs).to_contain_text("Everyone sees it")
    expect(theirs.get_by_role("button")).to_have_count(0)
    row.get_by_role("button", name="Edit /pix").click()
    dialog.get_by_label("Only you", exact=True).check()
    file = {"name": "key.png", "mimeType": "image/png", "buffer": picture()}
    dialog.get_by_label("File (optional)").set_input_files([file])
    dialog.get_by_role("button", name="Save").click()
    expect(row.get_by_role("link", name="key.png")).to_be_visible()
    expect(theirs).to_have_count(0)
    page.get_by_label("Search quick messages").fill("KEY")
    expect(page.locator(".quick-row")).to_have_count(1)
    row.get_by_role("button", name="Delete /pix").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("#quick-messages")).to_contain_text("Nothing found")
    bia.page.close()


def test_it_can_be_read_on_a_phone_by_day_and_by_night(
    kept, sign_in, platform, complaints, customer
):
    context = sign_in(viewport=PHONE, has_touch=True, is_mobile=True)
    context.add_cookies([{"name": "theme", "value": "system", "url": platform.url}])
    screen = Screen(listen(context.new_page(), complaints), platform.url)

    def expect_all_well():
        for scheme in ("light", "dark"):
            screen.page.emulate_media(color_scheme=scheme)
            screen.expect_readable()
        screen.expect_no_sideways_scrolling()

    customer("Tina Melo").says("Hello")
    screen.goes_to("/app/quick-messages/")
    expect(screen.page.locator(".quick-row")).to_have_count(3)
    expect_all_well()
    screen.goes_to()
    screen.accepts("Tina Melo")
    screen.page.get_by_role("button", name="Quick messages", exact=True).tap()
    expect(screen.page.locator(OPTIONS)).to_have_count(3)
    expect_all_well()
    screen.page.locator(OPTIONS).nth(1).tap()
    expect(screen.composer).to_have_value(re.compile("^Hi Tina!"))
    context.close()
