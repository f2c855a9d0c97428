"""Where the tests of the contract play: two furnished companies and everybody who may knock."""

import itertools

import pytest

# Sign-ins are counted by address.
_addresses = itertools.cycle(range(1, 255))


@pytest.fixture
def stage(cast, api, settings, tmp_path):
    """Both companies furnished, and a client for everybody who may knock."""
    from django.utils import timezone

    from whaticket.testing.contract import world
    from whaticket.testing.contract.calls import BY_NAME
    from whaticket.testing.contract.stage import call

    settings.COMPANY_TOKEN = world.PLATFORM_TOKEN
    settings.ENV_TOKEN = "public"
    settings.MEDIA_ROOT = tmp_path / "media"
    there = world.build(cast)
    there.api = api
    # Nowhere, until there are `neighbours`; and what only a test of its own has.
    there.ours |= {"picture": "http://127.0.0.1:1/a.png", "link": "0" * 64}
    there.ours |= {"proof": "0", "txid": "0"}
    there.today = there.ours["today"] = there.theirs["today"] = str(timezone.localdate())
    there.clients = {name: api(getattr(there, name)) for name in ("ana", "rui", "root")}
    for name, token in (
        ("nobody", None),
        ("nonsense", "not.a.token"),
        ("platform", world.PLATFORM_TOKEN),
        ("program", there.ours["secret"]),
    ):
        there.clients[name] = api()
        if token:
            there.clients[name].credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    for client in there.clients.values():
        client.defaults["REMOTE_ADDR"] = f"10.9.{next(_addresses)}.1"
    # Who comes for the first time is noted as present; what follows is the work of the calls.
    for name in ("ana", "rui", "root"):
        assert there.clients[name].get("/users").status_code == 200
    assert (
        call(there.clients["program"], BY_NAME["GET /api/contacts"], there.ours).status_code == 200
    )
    return there


@pytest.fixture
def neighbours(stage, settings, tmp_path):
    """Whom some routes speak to: `stage.efi`, a site with a picture, a phone's session."""
    from billing.tests.efi_server import EfiServer
    from whaticket.testing.contract.neighbours import session_of, web_site

    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
    with (
        EfiServer() as stage.efi,
        web_site(tmp_path / "site") as stage.ours["picture"],
        session_of(stage.acme.pk),
    ):
        settings.EFI_URL = stage.efi.url
        yield
