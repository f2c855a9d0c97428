"""What each step of a message publishes, once, naming who did it."""

from messaging.events import MediaReady, MessageDeleted, NoteRemoved, TeamChatUpdated
from messaging.models import Message
from messaging.services.delete import delete_message
from messaging.services.fetch import attach_fetched, give_up_fetch
from messaging.services.send import Draft, send_message
from messaging.services.team_chats import create_team_chat, update_team_chat
from messaging.tests.talk import picture, received
from whatsapp.drivers.base import FetchedMedia


def test_taking_a_message_back(mine, cast, heard):
    message = send_message(mine, Draft(body="oops"), by=cast.ana)
    for _ in range(2):
        delete_message(message, by=cast.ana)
    (event,) = heard(MessageDeleted)
    assert (event["message_id"], event["by_id"]) == (message.pk, cast.ana.pk)


def test_removing_a_note(mine, cast, heard):
    note = send_message(mine, Draft(body="careful", is_private=True), by=cast.ana)
    pk = note.pk
    delete_message(note, by=cast.ana)
    (event,) = heard(NoteRemoved)
    assert (event["message_id"], event["ticket_id"], event["by_id"]) == (pk, mine.pk, cast.ana.pk)
    assert heard(MessageDeleted) == []


def test_a_file_that_came_and_one_that_never_will(mine, cast, heard, tmp_path):
    came, lost = (
        received(mine, cast, "", kind="image", media_state=Message.MediaState.PENDING)
        for _ in range(2)
    )
    path = tmp_path / "photo.png"
    path.write_bytes(picture().getvalue())
    for _ in range(2):
        attach_fetched(came.pk, path, FetchedMedia(size=path.stat().st_size, sha256=""))
        give_up_fetch(lost.pk, "gone")
    assert [event["message_id"] for event in heard(MediaReady)] == [came.pk, lost.pk]


def test_other_people_in_a_room(cast, heard):
    room = create_team_chat(title="Sales", user_ids=[cast.bia.pk], by=cast.ana)
    update_team_chat(room.pk, by=cast.ana, user_ids=[cast.rui.pk])
    (event,) = heard(TeamChatUpdated)
    assert (event["chat_id"], event["by_id"]) == (room.pk, cast.ana.pk)
    assert (event["joined_ids"], event["left_ids"]) == ([cast.rui.pk], [cast.bia.pk])
