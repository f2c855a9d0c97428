"""``python docs/screenshots.py``: the pictures of the README, taken from the real thing.

Starts the whole platform in a folder of its own, lets simulated customers write and a demo agent
answer, writes docs/images/*.png, and takes everything down again.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from console.tests.customers import Customer
from console.tests.screen import Screen
from whaticket.testing.chromium import launch_options
from whaticket.testing.platform import BUSINESS, EMAIL, PASSWORD, Platform, running_platform

IMAGES = Path(__file__).parent / "images"
DESKTOP = {"width": 1280, "height": 780}
PHONE = {"width": 390, "height": 780}
PHONES = {"width": 860, "height": 780}
# Bytes of a picture; a larger one is drawn with fewer colours.
LARGEST = 190_000
COLLEAGUE = {"name": "Bia Prado", "email": "bia@whaticket.local", "password": PASSWORD}
# Name, what they write, who has them then, and the answer.
OTHERS = [
    ("Rafael Moura", "Is the blue one back in stock?", "", ""),
    ("Helena Costa", "I would like to change my delivery address", "Suporte", ""),
    ("Tiago Nunes", "Great, thank you! 🙏", "Vendas", "The invoice is in your mailbox."),
    ("Marina Alves", "Can I pay in three parts?", "Vendas", "Of course, without interest."),
    ("Pedro Salles", "The tracking code does not work", "Suporte", "I am asking the carrier."),
]


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(exist_ok=True)
    with running_platform() as platform, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        others = people(platform)
        with opened(browser, platform, "light", DESKTOP, signs_in=False) as page:
            page.goto(f"{platform.url}/app/login/")
            save(page, "sign-in")
        with opened(browser, platform, "light", DESKTOP) as page:
            clara = hero(platform, Screen(page, platform.url))
            ticket = page.url.removeprefix(platform.url)
        for theme in ("light", "dark"):
            with opened(browser, platform, theme, DESKTOP) as page:
                Screen(page, platform.url).goes_to(ticket)
                page.keyboard.press("Escape")
                page.locator('#convo-head [data-do="details"].wide-only').click()
                page.wait_for_selector("#details .details-name")
                page.locator("#thread").click(position={"x": 4, "y": 4})
                save(page, f"inbox-desktop-{theme}")
            with opened(browser, platform, theme, PHONE) as page:
                screen = Screen(page, platform.url).goes_to(ticket)
                save(page, f"inbox-phone-{theme}")
                page.get_by_label("Back to the list").click()
                screen.tab("open")
                save(page, f"list-phone-{theme}")
        with opened(browser, platform, "light", DESKTOP) as page:
            Screen(page, platform.url).goes_to("/app/connections/")
            save(page, "connections")
        lanes(platform)
        with opened(browser, platform, "light", DESKTOP) as page:
            Screen(page, platform.url).goes_to("/app/board/")
            page.locator(".board-card").first.wait_for()
            save(page, "board")
            Screen(page, platform.url).goes_to("/app/reports/")
            page.wait_for_load_state("networkidle")
            save(page, "reports")
        with opened(browser, platform, "light", PHONES, signs_in=False) as page:
            phones = [clara.number, others["Marina Alves"].number]
            wanted = "&".join(f"phone={number}" for number in phones)
            page.goto(f"{platform.simulator_url}/?{wanted}&chat={BUSINESS}&lang=en")
            page.wait_for_selector(".bubble")
            save(page, "simulator")
        browser.close()


def people(platform: Platform) -> dict[str, Customer]:
    """Let customers write, and put some of them where they belong; give them by name."""
    api = platform.api()
    queues = {queue["name"]: queue["id"] for queue in api.get("/queue").json()}
    colleague = {**COLLEAGUE, "profile": "user", "queueIds": list(queues.values())}
    api.post("/users", json=colleague).raise_for_status()
    line = {"name": "Support line", "driver": "sandbox"}
    api.post("/whatsapp", json=line).raise_for_status()
    others = {}
    for name, text, queue, answer in OTHERS:
        customer = Customer(platform, name)
        customer.says(text)
        ticket = platform.wait_for(lambda name=name: waiting(platform, name))
        if queue:
            place = {"status": "pending", "queueId": queues[queue]}
            api.put(f"/tickets/{ticket}", json=place).raise_for_status()
        if answer:
            api.post(f"/tickets/{ticket}/accept").raise_for_status()
            api.post(f"/messages/{ticket}", json={"body": answer}).raise_for_status()
            customer.gets(answer)
            customer.reads()
        others[name] = customer
    return others


def lanes(platform: Platform) -> None:
    """Make a board, and put those who are being served on it."""
    api = platform.api()
    made = []
    for name, color in (("Proposal", "#2563eb"), ("Waiting for payment", "#d97706")):
        lane = api.post("/tags", json={"name": name, "color": color, "kanban": 1})
        lane.raise_for_status()
        made.append(lane.json()["id"])
    query = {"status": "open", "showAll": "true"}
    for place, row in enumerate(api.get("/tickets", params=query).json()["tickets"]):
        api.put(f"/ticket-tags/{row['id']}/{made[place % 2]}").raise_for_status()


def waiting(platform: Platform, name: str) -> int | None:
    """Find the waiting ticket of a customer."""
    query = {"status": "pending", "showAll": "true"}
    rows = platform.api().get("/tickets", params=query).json()["tickets"]
    return next((row["id"] for row in rows if row["contact"]["name"] == name), None)


def hero(platform: Platform, screen: Screen) -> Customer:
    """Have one conversation with a bit of everything, and leave it open."""
    api = platform.api()
    clara = Customer(platform, "Clara Ferreira")
    clara.says("Good morning! My mug arrived broken 😢")
    ticket = platform.wait_for(lambda: waiting(platform, "Clara Ferreira"))
    queue = next(q["id"] for q in api.get("/queue").json() if q["name"] == "Suporte")
    place = {"status": "pending", "queueId": queue}
    api.put(f"/tickets/{ticket}", json=place).raise_for_status()
    contact = api.get(f"/tickets/{ticket}").json()["contactId"]
    known = [{"name": "Customer number", "value": "20417"}, {"name": "City", "value": "Campinas"}]
    api.put(
        f"/contacts/{contact}", json={"email": "clara@example.com", "extraInfo": known}
    ).raise_for_status()
    screen.accepts("Clara Ferreira")
    screen.answers("Hello Clara, I am sorry! Could you send me a photo, please?")
    clara.gets("Hello Clara, I am sorry! Could you send me a photo, please?")
    clara.shows("Here it is", mug())
    screen.bubble("Here it is").wait_for()
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("n")
    screen.answers("Second one this week: tell the packers")
    screen.page.locator(".note-toggle").click()
    screen.answers("Thank you. A new one leaves today, you will have it on Friday.")
    last = clara.gets("Thank you. A new one leaves today, you will have it on Friday.")
    clara.reads()
    clara.reacts(last, "❤️")
    clara.says("You are the best!")
    screen.bubble("You are the best!").wait_for()
    return clara


def mug() -> Image.Image:
    """Draw a mug with a crack."""
    picture = Image.new("RGB", (1280, 800), "#d9cbb4")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 560, 1280, 800), fill="#a9825a")
    draw.ellipse((690, 300, 930, 540), outline="#2f6f73", width=44)
    draw.rounded_rectangle((420, 220, 800, 640), 60, fill="#3f8d90")
    draw.ellipse((420, 180, 800, 270), fill="#2f6f73")
    draw.line(((560, 250), (610, 340), (570, 420), (640, 520), (600, 600)), "#f4ede1", 9)
    draw.polygon(((900, 640), (980, 590), (1010, 660)), fill="#3f8d90")
    return picture.resize((640, 400))


@contextmanager
def opened(
    browser: Browser, platform: Platform, theme: str, size: dict[str, int], *, signs_in: bool = True
) -> Iterator[Page]:
    """Open a page in a theme, in English, signed in unless told otherwise."""
    context = browser.new_context(viewport=size, color_scheme=theme, locale="en-US")
    names = {"theme": "system", "language": "en"}
    context.add_cookies(
        [{"name": name, "value": value, "url": platform.url} for name, value in names.items()]
    )
    page = context.new_page()
    if signs_in:
        page.goto(f"{platform.url}/app/login/")
        page.fill("#email", EMAIL)
        page.fill("#password", PASSWORD)
        page.click("form.main .primary")
        page.wait_for_selector("body[data-live]")
    yield page
    context.close()


def save(page: Page, name: str) -> None:
    """Write a picture, small enough for a README."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(800)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        flat = picture.convert("RGB")
    flat.save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        flat.quantize(256).save(path, optimize=True)


if __name__ == "__main__":
    main()
