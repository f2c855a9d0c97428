"""``python docs/screenshots.py URL EMAIL PASSWORD``: the README's pictures, of a running Whaticket.

Signs in, opens the first open conversation, and writes docs/images/inbox-*.png: light and dark,
desktop and phone.
"""

import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from whaticket.testing.chromium import launch_options

IMAGES = Path(__file__).parent / "images"
SIZES = {"desktop": (1280, 780), "phone": (375, 740)}


def main() -> None:
    """Take the four pictures."""
    url, email, password = sys.argv[1:4]
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for device, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                page = browser.new_page(
                    viewport={"width": width, "height": height}, color_scheme=theme, locale="en-US"
                )
                page.context.add_cookies([{"name": "theme", "value": "system", "url": url}])
                page.goto(f"{url}/app/login/")
                page.fill("#email", email)
                page.fill("#password", password)
                page.click("form.main .primary")
                page.wait_for_selector("body[data-live]")
                page.click('[data-tab="open"]')
                page.click('#rows[data-tab="open"] .card-link >> nth=0')
                page.wait_for_selector("#convo")
                page.wait_for_timeout(600)
                path = IMAGES / f"inbox-{device}-{theme}.png"
                page.screenshot(path=path)
                with Image.open(path) as picture:
                    small = picture.convert("RGB").quantize(128)
                small.save(path, optimize=True)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
