"""What the company itself says: marked, once per key, and never in the way of what it goes with."""

import pytest

from messaging.media import store_upload
from messaging.models import Message
from messaging.services.say import say
from messaging.tests.talk import picture
from tickets.models import Ticket
from whaticket.texts import BOT_MARK, is_bot_text
from whatsapp.drivers.registry import capabilities_of


def test_a_text_is_marked_and_its_variables_filled_in(ticket):
    message = say(ticket, " Oi, {{firstName}}! ")
    assert message.body == f"{BOT_MARK}Oi, Carla!"
    assert is_bot_text(message.body)
    assert (message.origin, message.author, message.status) == ("bot", None, "queued")


@pytest.mark.parametrize("text", ["", "  ", "{{nothing}}"])
def test_nothing_is_not_said(ticket, text):
    assert say(ticket, text) is None
    assert not Message.objects.exists()


def test_the_same_key_says_it_once_and_leaves_no_file_behind(ticket, settings):
    stored = store_upload(picture(), name="a.png")
    first = say(ticket, "Oi", key="k", media_path=stored.path)
    assert say(ticket, "Oi", key="k", media_path=stored.path).pk == first.pk
    files = [path for path in settings.MEDIA_ROOT.rglob("*.png") if path.is_file()]
    assert len(files) == 2


def test_words_too_long_for_a_caption_follow_their_file(ticket, cast):
    cast.number.driver = "cloud"
    cast.number.save()
    stored = store_upload(picture(), name="a.png")
    text = "x" * capabilities_of("cloud").max_caption
    for _ in range(2):
        say(ticket, text, key="k", media_path=stored.path)
    file, words = Message.objects.order_by("pk")
    assert (file.kind, file.body) == ("image", "")
    assert (words.kind, words.body) == ("text", BOT_MARK + text)


def test_where_there_is_no_way_nothing_is_said_and_nothing_raised(ticket):
    Ticket.objects.update(connection=None)
    assert say(ticket, "Oi") is None
    assert not Message.objects.exists()
