"""What clients hear of contacts (realtime.md 4.2), and how they see their pictures."""

import io
import re

import orjson
import pytest
from PIL import Image

from contacts import receivers, services
from contacts.models import Contact
from events import realtime
from messaging.media import store_upload


@pytest.fixture
def frames(monkeypatch):
    """What would go to the sockets; the edge itself has tests of its own."""
    sent = []
    monkeypatch.setattr(receivers, "emit", sent.extend)
    return sent


@pytest.fixture
def after(frames, django_capture_on_commit_callbacks):
    """`after(act)`: the frames of a change, as name and payload."""

    def told(act):
        frames.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return [(frame.event, orjson.loads(frame.data)) for frame in frames]

    return told


def contact_of(cast):
    return services.create_contact(name="Dora", number="5511955554444", by=cast.ana, verify=False)


def test_a_new_contact_is_told_whole(cast, after):
    ((event, told),) = after(lambda: contact_of(cast))
    assert event == f"company-{cast.acme.pk}-contact"
    assert (told["action"], told["contact"]["name"]) == ("create", "Dora")
    assert {"extraInfo", "tags", "wallets", "whatsapp"} <= set(told["contact"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "/contacts/{id}", {"name": "New"}),
        ("put", "/contacts/toggleAcceptAudio/{id}", {}),
        ("put", "/contacts/toggleDisableBot/{id}", {}),
        ("put", "/contacts/block/{id}", {"active": False}),
        ("put", "/contact-wallet/{id}", {"wallets": []}),
    ],
)
def test_every_change_is_told(cast, api, after, method, path, body):
    contact = contact_of(cast)
    where = path.format(id=contact.pk)
    ((event, told),) = after(lambda: getattr(api(cast.ana), method)(where, body))
    assert event == f"company-{cast.acme.pk}-contact"
    assert (told["action"], told["contact"]["id"]) == ("update", contact.pk)


def test_a_removed_contact_is_told_by_its_id_as_text(cast, api, after):
    contact = contact_of(cast)
    told = after(lambda: api(cast.rui).delete(f"/contacts/{contact.pk}"))
    assert (
        f"company-{cast.acme.pk}-contact", {"action": "delete", "contactId": str(contact.pk)},
    ) in told  # fmt: skip


def test_one_contact_of_a_table_is_told_as_created(cast, api, after):
    body = {"name": "Dora", "number": "5511955554444"}
    ((_, told),) = after(lambda: api(cast.ana).post("/contactsImport", body))
    assert told["action"] == "create"


def test_a_refused_change_is_told_to_nobody(cast, api, after):
    contact = contact_of(cast)
    assert after(lambda: api(cast.ana).put(f"/contacts/{contact.pk}", {"number": "1"})) == []
    assert after(lambda: api(cast.eva).put(f"/contacts/{contact.pk}", {"name": "x"})) == []


# -------------------------------------------------------------------------------- pictures


@pytest.fixture
def pictured(cast, settings, tmp_path):
    """A contact with a stored picture, and its bytes."""
    settings.MEDIA_ROOT = tmp_path / "media"
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "teal").save(out, "PNG")
    stored = store_upload(io.BytesIO(out.getvalue()), name="me.png")
    contact = contact_of(cast)
    Contact.objects.filter(pk=contact.pk).update(picture_path=stored.path)
    return contact, out.getvalue()


def path_of(url, settings):
    assert url.startswith(settings.BACKEND_URL)
    return url.removeprefix(settings.BACKEND_URL)


@pytest.mark.parametrize(
    ("path", "find"),
    [
        ("/contacts", lambda data: data["contacts"][0]["urlPicture"]),
        ("/contacts/{id}", lambda data: data["urlPicture"]),
        ("/contacts/list", lambda data: data[0]["urlPicture"]),
        ("/contacts/profile/5511955554444", lambda data: data["profilePicUrl"]),
    ],
)
def test_a_picture_is_served_by_a_signed_address_that_ends(
    cast, api, pictured, settings, path, find
):
    contact, content = pictured
    url = find(api(cast.ana).get(path.format(id=contact.pk)).json())
    where = path_of(url, settings)
    assert re.match(rf"/public/company{cast.acme.pk}/contacts/[0-9a-f]{{32}}\.png\?e=\d+&s=", where)
    anybody = api()
    answer = anybody.get(where)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == content
    bare = where.partition("?")[0]
    for wrong in (bare, where[:-1] + "A" * (where[-1] != "A") + "B", f"{bare}?e=1&s=x"):
        assert anybody.get(wrong).status_code == 403
    assert (
        anybody.get(
            where.replace(f"company{cast.acme.pk}/", f"company{cast.globex.pk}/")
        ).status_code
        == 403
    )


def test_frames_and_tickets_carry_the_signed_address_too(cast, api, pictured, ticket, settings):
    contact, _ = pictured
    (frame,) = receivers._frames(b"update", [contact.pk])
    sent = orjson.loads(realtime._encode(frame).split(b"\n")[2])
    assert "?e=" in sent["contact"]["urlPicture"]
    Contact.objects.filter(pk=ticket.contact_id).update(
        picture_path=Contact.objects.get(pk=contact.pk).picture_path
    )
    http = api(cast.ana)
    for path in (f"/tickets/{ticket.pk}", "/tickets?status=pending&showAll=true"):
        body = http.get(path).content.decode()
        assert "/contacts/" in body
        assert "media-" not in body


def test_the_networks_own_address_is_given_where_no_picture_is_stored(cast, api):
    contact = contact_of(cast)
    Contact.objects.filter(pk=contact.pk).update(picture_url="https://pps.example/a.jpg")
    row = api(cast.ana).get(f"/contacts/{contact.pk}").json()
    assert (row["urlPicture"], row["profilePicUrl"]) == ("https://pps.example/a.jpg",) * 2


def test_a_person_cannot_write_a_mark(cast, api, pictured):
    contact, _ = pictured
    typed = "media-000000000000000000000000:contacts/" + "0" * 32 + ".png~"
    body = api(cast.ana).put(f"/contacts/{contact.pk}", {"name": typed}).json()
    assert body["name"] == typed
