"""The console as an agent sees it: a page object for browser tests, and rules every page keeps."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

COLLEAGUE = "bia@whaticket.local"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}

# Words on their ground: WCAG 2.2, 1.4.3 (AA).
CONTRAST = 4.5
_FAINT = (Path(__file__).parent / "faint.js").read_text()
_NAMELESS = (Path(__file__).parent / "nameless.js").read_text()


class Screen:
    """One tab of an agent's browser."""

    def __init__(self, page: Page, url: str):
        self.page = page
        self.url = url
        self.composer = page.locator("#composer-text")

    def goes_to(self, path: str = "/app/") -> "Screen":
        """Open a page of the console and wait until it is live."""
        self.page.goto(self.url + path)
        self.page.wait_for_selector("body[data-live]")
        return self

    def card(self, name: str) -> Locator:
        """Give a customer's card in the list."""
        return self.page.locator("#rows > .card", has_text=name)

    def tab(self, name: str) -> None:
        """Show a tab of the list."""
        self.page.locator(f'[role="tab"][data-tab="{name}"]').click()
        self.page.wait_for_selector(f'#rows[data-tab="{name}"]', state="attached")

    def accepts(self, name: str) -> None:
        """Take a waiting customer and wait for an open composer."""
        self.tab("pending")
        self.card(name).locator(".card-link").click()
        expect(self.page.locator(".head-names strong")).to_have_text(name)
        self.page.locator('#convo-head [data-act="accept"]').click()
        expect(self.page.locator("#composer:not(.is-note)")).to_be_visible()
        expect(self.composer).to_be_focused()

    def answers(self, text: str) -> Locator:
        """Write a text and send it; give its bubble."""
        self.composer.fill(text)
        self.composer.press("Enter")
        return self.settled(text)

    def bubble(self, text: str) -> Locator:
        """Give the bubble with a text."""
        return self.page.locator("#messages .msg", has_text=text)

    def settled(self, text: str) -> Locator:
        """Wait until the server has a message of ours; give its bubble."""
        found = self.page.locator("#messages .msg[data-id]", has_text=text)
        expect(found).to_be_visible()
        return found

    def chooses(self, bubble: Locator, name: str) -> None:
        """Do something with a message through its menu."""
        bubble.hover()
        bubble.locator('[data-msg="menu"]').click()
        self.page.locator(f'#message-menu [data-for="{name}"]').click()

    def presses(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def expect_readable(self) -> None:
        """Every control has a name, and every text stands out from its ground."""
        # Text that is still fading in has not the colours one reads it in.
        self.page.evaluate("Promise.allSettled(document.getAnimations().map((a) => a.finished))")
        assert self.page.evaluate(_NAMELESS) == []
        assert self.page.evaluate(_FAINT, CONTRAST) == []

    def expect_no_sideways_scrolling(self) -> None:
        """The page fits its width."""
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wider) <= 0

    def outline_width(self, focus: Callable[[], None]) -> float:
        """Tell how thick a ring shows what has the keyboard's focus."""
        focus()
        style = "getComputedStyle(document.activeElement)"
        return float(self.page.evaluate(f"parseFloat({style}.outlineWidth)"))


def listen(page: Page, complaints: list[str], *, but: re.Pattern[str] | None = None) -> Page:
    """Note errors and warnings of a page."""

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (but and but.search(message.text)):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    return page
