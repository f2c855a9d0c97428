"""What the people of a room hear of it (realtime.md §4.5), and nobody else."""

from collections.abc import Sequence

from events.bus import on
from events.realtime import Audience, Frame, emit
from messaging.events import (
    TeamChatCreated,
    TeamChatDeleted,
    TeamChatRead,
    TeamChatUpdated,
    TeamChatWritten,
)
from messaging.wire import ChatParts, team_chats_with_members, team_messages_json
from whaticket.tenancy import current_company_id


def _to_person(user_id: int, data: bytes) -> Frame:
    # Clients listen with the person's id, not with that of the membership.
    name = f"company-{current_company_id()}-chat-user-{user_id}"
    return Frame(name, data, Audience(users=(user_id,)))


def _to_room(chat_id: int, data: bytes, chat: ChatParts) -> list[Frame]:
    audience = Audience(users=chat.member_ids)
    company_id = current_company_id()
    names = (f"company-{company_id}-chat-{chat_id}", f"company-{company_id}-chat")
    return [Frame(name, data, audience) for name in names]


def _created(chat: ChatParts, user_ids: Sequence[int]) -> list[Frame]:
    data = b'{"action":"create","record":%b}' % chat.text
    return [_to_person(user_id, data) for user_id in user_ids]


def _gone(chat_id: int, user_ids: tuple[int, ...]) -> list[Frame]:
    name = f"company-{current_company_id()}-chat"
    data = b'{"action":"delete","id":%d}' % chat_id
    return [Frame(name, data, Audience(users=user_ids))] if user_ids else []


@on(TeamChatCreated)
def tell_new_rooms(news: Sequence[TeamChatCreated]) -> None:
    """Everybody in a new room hears of it."""
    found = team_chats_with_members([event.chat_id for event in news])
    chats = [found[event.chat_id] for event in news if event.chat_id in found]
    emit([frame for chat in chats for frame in _created(chat, chat.member_ids)])


@on(TeamChatUpdated)
def tell_changed_rooms(news: Sequence[TeamChatUpdated]) -> None:
    """Who stays hears of the change, who comes of a new room, who left of one that is gone."""
    found = team_chats_with_members([event.chat_id for event in news])
    frames: list[Frame] = []
    for event in news:
        frames += _gone(event.chat_id, event.left_ids)
        chat = found.get(event.chat_id)
        if chat is None:
            continue
        frames += _created(chat, event.joined_ids)
        for user_id in chat.member_ids:
            if user_id not in event.joined_ids:
                data = b'{"action":"update","record":%b,"userId":%d}' % (chat.text, user_id)
                frames.append(_to_person(user_id, data))
    emit(frames)


@on(TeamChatDeleted)
def tell_removed_rooms(news: Sequence[TeamChatDeleted]) -> None:
    """A room is no more."""
    emit([frame for event in news for frame in _gone(event.chat_id, event.member_ids)])


@on(TeamChatWritten)
def tell_team_messages(news: Sequence[TeamChatWritten]) -> None:
    """Somebody said something in a room."""
    chats = team_chats_with_members([event.chat_id for event in news])
    messages = team_messages_json([event.chat_message_id for event in news])
    frames: list[Frame] = []
    for event in news:
        chat, message = chats.get(event.chat_id), messages.get(event.chat_message_id)
        if chat is not None and message is not None:
            data = b'{"action":"new-message","newMessage":%b,"chat":%b}' % (message, chat.text)
            frames += _to_room(event.chat_id, data, chat)
    emit(frames)


@on(TeamChatRead)
def tell_read_rooms(news: Sequence[TeamChatRead]) -> None:
    """Somebody has read a room."""
    chats = team_chats_with_members([event.chat_id for event in news])
    emit(
        [
            frame
            for event in news
            if event.chat_id in chats
            for frame in _to_room(
                event.chat_id,
                b'{"action":"update","chat":%b}' % chats[event.chat_id].text,
                chats[event.chat_id],
            )
        ]
    )
