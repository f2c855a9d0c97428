"""A conversation from both sides: the console in a browser, customers on simulated phones."""

import re

import pytest
from playwright.sync_api import expect

from console.tests.screen import COLLEAGUE, PHONE, Screen, listen
from whaticket.testing.platform import BUSINESS, EMAIL, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.system]

# News of the waiting customers that comes when the reader has gone on to another tab.
SLOW_NEWS = """
const plain = window.fetch;
window.fetch = async (url, ...rest) => {
  const answer = await plain(url, ...rest);
  const late = String(url).includes("/app/cards/") && String(url).includes("tab=pending");
  if (late) await new Promise((done) => setTimeout(done, 2500));
  return answer;
};
"""
# Whether a card leaves the list within so many milliseconds.
LEAVING = """
(wait) => new Promise((done) => {
  const look = () => document.querySelector("#rows > .is-leaving") && done(true);
  const rows = document.querySelector("#rows");
  new MutationObserver(look).observe(rows, { subtree: true, attributes: true });
  setTimeout(() => done(false), wait);
})
"""
# What a browser says by itself while a server is away.
OFFLINE = re.compile(r"net::ERR_|WebSocket connection to|Failed to load resource")


def test_a_wrong_password_is_said_in_words_and_the_right_one_lets_in(chromium, platform):
    context = chromium.new_context(locale="en-US")
    page = context.new_page()
    page.goto(f"{platform.url}/app/")
    Screen(page, platform.url).expect_readable()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is wrong.")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    context.close()


def test_a_message_appears_by_itself_and_the_keyboard_alone_answers_it(screen, customer):
    screen.tab("pending")
    dora = customer("Dora Lima")
    dora.says("Do you deliver on Saturdays?")
    expect(screen.card("Dora Lima")).to_contain_text("Do you deliver on Saturdays?")
    screen.presses("/")
    screen.page.keyboard.type("dora lima")
    expect(screen.page.locator("#rows > .card")).to_have_count(1)
    screen.presses("Enter")
    expect(screen.bubble("Do you deliver on Saturdays?")).to_be_visible()
    screen.presses("a")
    expect(screen.composer).to_be_focused()
    screen.page.keyboard.type("Yes, until noon.")
    screen.presses("Enter")
    bubble = screen.settled("Yes, until noon.")
    dora.gets("Yes, until noon.")
    expect(bubble.locator(".ticks.delivered")).to_be_visible()
    dora.reads()
    ticks = bubble.locator(".ticks.read")
    expect(ticks).to_be_visible()
    red, _, blue = map(
        int, re.findall(r"\d+", ticks.evaluate("t => getComputedStyle(t).color"))[:3]
    )
    assert blue > red
    assert dora.texts() == ["Yes, until noon."]


def test_pictures_and_files_go_both_ways(screen, customer):
    edu = customer("Edu Alves")
    edu.says("Look")
    screen.accepts("Edu Alves")
    edu.shows("my broken cup")
    picture = screen.bubble("my broken cup").locator("img")
    expect(picture).to_be_visible()
    screen.page.wait_for_function(
        "i => i.complete && i.naturalWidth > 0", arg=picture.element_handle()
    )
    left = "t => t.scrollHeight - t.scrollTop - t.clientHeight < 5"
    thread = screen.page.locator("#thread").element_handle()
    screen.page.wait_for_function(left, arg=thread)
    picture.click()
    expect(screen.page.locator("#lightbox img")).to_be_visible()
    screen.presses("Escape")
    file = {
        "name": "offer.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.4\n%offer\n%%EOF\n",
    }
    screen.page.locator("#files").set_input_files([file])
    screen.page.locator("#tray").get_by_label("Caption").fill("our offer")
    screen.page.get_by_role("button", name="Send", exact=True).click()
    screen.settled("our offer")
    assert edu.file(edu.gets("our offer")) == file["buffer"]


def test_what_was_said_can_be_changed_taken_back_and_loved(screen, customer):
    fay = customer("Fay Nunes")
    fay.says("How much is it?")
    screen.accepts("Fay Nunes")
    screen.answers("It costs 10")
    fay.gets("It costs 10")
    screen.chooses(screen.settled("It costs 10"), "edit")
    screen.composer.fill("It costs 12")
    screen.composer.press("Enter")
    expect(screen.settled("It costs 12")).to_contain_text("edited")
    fay.gets("It costs 12")

    screen.chooses(screen.bubble("How much is it?"), "react")
    screen.page.locator("#quick").get_by_text("👍").click()
    expect(screen.bubble("How much is it?").locator(".reaction")).to_contain_text("👍")
    fay.reacts(fay.gets("It costs 12"), "❤️")
    expect(screen.bubble("It costs 12").locator(".reaction")).to_contain_text("❤️")

    screen.answers("Wrong chat, sorry")
    fay.gets("Wrong chat, sorry")
    screen.chooses(screen.settled("Wrong chat, sorry"), "delete")
    expect(screen.page.locator("#messages .is-deleted")).to_contain_text("Message deleted")
    fay.comes_to(lambda messages: messages[-1]["deleted"])


def test_a_private_note_never_reaches_the_phone(screen, customer):
    gil = customer("Gil Reis")
    gil.says("Hello?")
    screen.accepts("Gil Reis")
    screen.composer.press("Escape")
    screen.presses("n")
    screen.page.keyboard.type("He is always late with payments")
    screen.presses("Enter")
    note = screen.settled("He is always late with payments")
    expect(note).to_contain_text("only your team sees this")
    screen.page.locator(".note-toggle").click()
    screen.answers("Hi Gil")
    gil.gets("Hi Gil")
    assert gil.texts() == ["Hi Gil"]


def test_a_transfer_moves_the_ticket_to_the_colleague_with_its_note(
    screen, sign_in, platform, customer, complaints
):
    context = sign_in(COLLEAGUE)
    bia = Screen(listen(context.new_page(), complaints), platform.url).goes_to()
    hugo = customer("Hugo Braga")
    hugo.says("It does not turn on")
    screen.accepts("Hugo Braga")
    screen.composer.press("Escape")
    screen.presses("t")
    dialog = screen.page.locator("#dialog")
    person = dialog.locator(".choice", has_text="Bia Prado")
    dialog.get_by_label("Returns").check()
    expect(person).to_be_hidden()
    dialog.get_by_label("Support").check()
    expect(person).to_contain_text("at work")
    person.click()
    dialog.get_by_label("Note for the next colleague").fill("Model X, under warranty")
    dialog.get_by_role("button", name="Transfer").click()
    expect(dialog).to_be_hidden()
    bia.tab("open")
    bia.card("Hugo Braga").locator(".card-link").click()
    expect(bia.page.locator("#messages")).to_contain_text("Model X, under warranty")
    bia.answers("Bia here, let me help")
    hugo.gets("Bia here, let me help")
    context.close()


def test_late_news_of_another_tab_takes_no_card_away(screen, desk, platform, complaints, customer):
    page = listen(desk.new_page(), complaints)
    page.add_init_script(SLOW_NEWS)
    other = Screen(page, platform.url).goes_to()
    other.tab("pending")
    customer("Nara Lins").says("Hi")
    expect(other.card("Nara Lins")).to_be_visible()
    with page.expect_request(re.compile("/app/cards/.*tab=pending")):
        screen.accepts("Nara Lins")
    other.tab("open")
    expect(other.card("Nara Lins")).to_be_visible()
    assert page.evaluate(LEAVING, 3000) is False
    page.close()


def test_a_closed_conversation_comes_back_with_undo(screen, customer):
    customer("Jana Melo").says("Thanks!")
    screen.accepts("Jana Melo")
    screen.composer.press("Escape")
    screen.presses("e")
    toast = screen.page.locator("#toasts")
    expect(toast).to_contain_text("Conversation closed.")
    expect(screen.page.locator("#desk")).to_contain_text("This ticket is closed.")
    toast.get_by_role("button", name="Undo").click()
    expect(screen.composer).to_be_visible()


def test_the_palette_closes_and_the_next_key_counts(screen, customer):
    customer("Kai Duarte").says("Hi")
    screen.accepts("Kai Duarte")
    screen.composer.press("Escape")
    screen.presses("Control+k")
    screen.page.keyboard.type("kai")
    expect(screen.page.locator("#palette-list")).to_contain_text("Kai Duarte")
    screen.presses("Escape", "e")
    expect(screen.page.locator("#toasts")).to_contain_text("Conversation closed.")


def test_two_tabs_of_one_person_stay_in_step(screen, desk, platform, customer, complaints):
    other = Screen(listen(desk.new_page(), complaints), platform.url).goes_to()
    other.tab("pending")
    lia = customer("Lia Castro")
    lia.says("Are you there?")
    expect(other.card("Lia Castro")).to_be_visible()
    screen.accepts("Lia Castro")
    expect(other.card("Lia Castro")).to_have_count(0)
    other.tab("open")
    other.card("Lia Castro").locator(".card-link").click()
    screen.answers("Yes, always")
    expect(other.bubble("Yes, always")).to_be_visible()
    lia.reads()
    expect(other.bubble("Yes, always").locator(".ticks.read")).to_be_visible()
    other.page.close()


def test_after_the_server_was_killed_what_was_missed_is_shown(desk, platform, customer, complaints):
    page = listen(desk.new_page(), complaints, but=OFFLINE)
    screen = Screen(page, platform.url).goes_to()
    max_ = customer("Max Teles")
    max_.says("before")
    screen.accepts("Max Teles")
    platform.kill("web")
    expect(page.locator("#offline")).to_be_visible()
    max_.says("while you were away")
    expect(screen.bubble("while you were away")).to_be_visible(timeout=60_000)
    expect(page.locator("#offline")).to_be_hidden()
    screen.answers("back again")
    max_.gets("back again")
    page.close()


def test_a_phones_width_shows_one_thing_at_a_time(sign_in, platform, customer, complaints):
    context = sign_in(viewport=PHONE, has_touch=True, is_mobile=True)
    page = listen(context.new_page(), complaints)
    screen = Screen(page, platform.url).goes_to()
    customer("Nina Falcao").says("From my phone to yours")
    screen.accepts("Nina Falcao")
    expect(page.locator("#list")).to_be_hidden()
    screen.expect_no_sideways_scrolling()
    screen.answers("It fits")
    page.get_by_label("Back to the list").click()
    expect(page.locator("#list")).to_be_visible()
    screen.expect_no_sideways_scrolling()
    context.close()


def test_the_panel_edits_the_contact_and_the_list_follows(screen, customer):
    customer("Quim Sousa").says("New number")
    screen.accepts("Quim Sousa")
    screen.composer.press("Escape")
    screen.presses("d")
    panel, dialog = screen.page.locator("#details"), screen.page.locator("#dialog")
    panel.get_by_label("Edit contact").click()
    dialog.get_by_label("Name").first.fill("Joaquim Sousa")
    dialog.get_by_role("button", name="Add field").click()
    dialog.get_by_label("Field", exact=True).fill("Plan")
    dialog.get_by_label("Value").fill("Gold")
    dialog.get_by_label("New tags, separated by commas").fill("VIP")
    dialog.get_by_label("Bots do not answer this contact").check()
    dialog.get_by_role("button", name="Save").click()
    for text in ("Joaquim Sousa", "Gold", "VIP", "Bots do not answer"):
        expect(panel).to_contain_text(text)
    expect(screen.page.locator(".head-names strong")).to_have_text("Joaquim Sousa")
    screen.tab("open")
    expect(screen.card("Joaquim Sousa")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_can_be_read(sign_in, platform, customer, complaints, scheme):
    context = sign_in(color_scheme=scheme)
    context.add_cookies([{"name": "theme", "value": "system", "url": platform.url}])
    page = listen(context.new_page(), complaints)
    screen = Screen(page, platform.url).goes_to()
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 150) == (scheme == "dark")
    name = f"Olga {scheme}"
    customer(name).says("Can you read me?")
    screen.tab("pending")
    expect(screen.card(name)).to_be_visible()
    screen.expect_readable()
    screen.accepts(name)
    screen.answers("Loud and clear")
    screen.composer.press("Escape")
    screen.presses("d")
    expect(page.locator("#details")).to_contain_text(name)
    screen.expect_readable()
    assert screen.outline_width(lambda: page.keyboard.press("Tab")) >= 2
    page.goto(f"{platform.url}/app/connections/")
    screen.expect_readable()
    context.close()


def test_the_menu_speaks_three_languages(screen):
    for language, inbox, waiting in (
        ("pt-br", "Conversas", "Aguardando"),
        ("es", "Bandeja de entrada", "En espera"),
        ("en", "Inbox", "Waiting"),
    ):
        screen.page.locator(".rail-me").click()
        screen.page.locator("#menu-language").select_option(language)
        expect(screen.page.locator("html")).to_have_attribute("lang", language)
        expect(screen.page.locator("h1")).to_have_text(inbox)
        expect(screen.page.locator('[role="tab"][data-tab="pending"]')).to_contain_text(waiting)


def test_the_theme_of_the_menu_stays_after_a_reload(screen):
    screen.page.get_by_label("Your menu").click()
    with screen.page.expect_response("**/theme/**"):
        screen.page.get_by_role("button", name="Dark", exact=True).click()
    expect(screen.page.locator("html")).to_have_attribute("data-theme", "dark")
    screen.goes_to()
    expect(screen.page.locator("html")).to_have_attribute("data-theme", "dark")
    screen.page.get_by_label("Your menu").click()
    screen.page.get_by_role("button", name="As the system").click()
    expect(screen.page.locator("html")).to_have_attribute("data-theme", "system")


def test_both_sides_in_browsers(screen, desk, platform, customer):
    paula = customer("Paula Dias")
    phone = desk.new_page()
    phone.goto(f"{platform.simulator_url}/?phone={paula.number}&chat={BUSINESS}&lang=en")
    line = phone.locator(".composer textarea")
    line.fill("Is the shop open?")
    line.press("Enter")
    screen.accepts("Paula Dias")
    screen.answers("Until six, come in!")
    expect(phone.locator(".bubble.theirs")).to_contain_text("Until six, come in!")
    expect(phone.locator(".copies")).to_have_count(0)
    phone.bring_to_front()
    expect(screen.bubble("Until six, come in!").locator(".ticks.read")).to_be_visible()
    line.press_sequentially("On my w")
    expect(screen.page.locator("#signals")).to_contain_text("Paula Dias is typing")
    phone.close()
