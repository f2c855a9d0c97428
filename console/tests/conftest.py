"""What browser tests share: the running product, signed-in browsers, customers with phones."""

import pytest
from playwright.sync_api import BrowserContext, StorageState, sync_playwright

from console.tests.customers import Customer
from console.tests.pages import Browser
from console.tests.screen import COLLEAGUE, DESKTOP, Screen, listen
from whaticket.testing.chromium import launch_options
from whaticket.testing.platform import EMAIL, PASSWORD, running_platform


# One platform serves every module of browser tests; the browser itself cannot outlive a module, for
# while it runs Django takes the thread for one of an event loop.
@pytest.fixture(scope="package")
def platform():
    with running_platform() as running:
        api = running.api()
        api.post("/queue", json={"name": "Returns", "color": "#b54f4f"}).raise_for_status()
        queue = api.post("/queue", json={"name": "Support", "color": "#7a4fb5"})
        queue.raise_for_status()
        colleague = {"name": "Bia Prado", "email": COLLEAGUE, "password": PASSWORD}
        api.post(
            "/users", json={**colleague, "profile": "user", "queueIds": [queue.json()["id"]]}
        ).raise_for_status()
        yield running


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sign_in(chromium, platform):
    """Give a browser context of a person; who signed in once is not asked again."""
    known: dict[str, StorageState] = {}
    opened: list[BrowserContext] = []

    def by_form(email: str) -> StorageState:
        context = chromium.new_context(locale="en-US")
        page = context.new_page()
        page.goto(f"{platform.url}/app/login/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("body[data-live]")
        state = context.storage_state()
        context.close()
        return state

    def context_of(email: str = EMAIL, **options) -> BrowserContext:
        known[email] = known.get(email) or by_form(email)
        options = {"viewport": DESKTOP, "locale": "en-US", **options}
        opened.append(chromium.new_context(storage_state=known[email], **options))
        opened[-1].set_default_timeout(15_000)
        return opened[-1]

    yield context_of
    for context in opened:
        context.close()


@pytest.fixture(scope="module")
def desk(sign_in):
    return sign_in()


@pytest.fixture
def complaints():
    """What the pages of a test complain of in the browser's console; nothing, at the end."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def screen(desk, platform, complaints):
    page = listen(desk.new_page(), complaints)
    yield Screen(page, platform.url).goes_to()
    page.close()


@pytest.fixture
def customer(platform):
    return lambda name: Customer(platform, name)


@pytest.fixture
def browser(cast):
    """Give a browser, of a person who signed in or of nobody, that only asks for pages."""

    def signed_in(user=None):
        client = Browser(raise_request_exception=False)
        if user is not None:
            client.force_login(user, backend="accounts.backends.EmailBackend")
        return client

    return signed_in


@pytest.fixture
def english(browser):
    def client(user):
        found = browser(user)
        found.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return found

    return client


@pytest.fixture
def owner(cast):
    """Company 1, which owns the platform."""
    from companies.models import Company
    from companies.services import create_company

    found = Company.objects.filter(pk=Company.OWNER_ID).first()
    return found or create_company(name="Owner", company_id=Company.OWNER_ID)
