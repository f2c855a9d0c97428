"""Rooms of colleagues as clients read them (rest.md §20), built by PostgreSQL.

Of a person only id, name, e-mail, picture and presence are told.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from accounts.models import User
from messaging.media import sign_marks
from messaging.wire.library import file_sql
from whaticket.database import read_rows, read_text
from whaticket.paging import PAGE_SIZE
from whaticket.shapes import Constant, Flag, Moment, Number, Part, Rows, Shape, Text
from whaticket.tenancy import current_company_id


def _person(u: str) -> Shape:
    return Shape(
        {
            "id": Number(f"{u}.id"),
            "name": Text(f"{u}.name"),
            "email": Text(f"{u}.email"),
            "profileImage": Text(f"nullif({u}.profile_image, '')"),
            "online": Flag(f"{u}.is_online"),
        }
    )


_MEMBER: dict[str, Part] = {
    "id": Number("b.id"),
    "chatId": Number("b.chat_id"),
    "userId": Number("b.user_id"),
    "unreads": Number("b.unread_count"),
    "createdAt": Moment("b.created_at"),
    "updatedAt": Moment("b.updated_at"),
}


def _members(*, with_people: bool) -> Rows:
    if not with_people:
        return Rows(Shape(_MEMBER), "messaging_teamchatmember b WHERE b.chat_id = k.id", "b.id")
    source = """messaging_teamchatmember b JOIN public.accounts_user u ON u.id = b.user_id
        WHERE b.chat_id = k.id"""
    return Rows(Shape({**_MEMBER, "user": _person("u")}), source, "b.id")


def _columns(company_id: int) -> dict[str, Part]:
    return {
        "id": Number("k.id"),
        "title": Text("k.title"),
        "uuid": Text("k.uuid"),
        "ownerId": Number("k.owner_id"),
        "lastMessage": Text("k.last_message"),
        "companyId": Constant(company_id),
        "createdAt": Moment("k.created_at"),
        "updatedAt": Moment("k.updated_at"),
    }


@lru_cache(maxsize=4096)
def _whole_sql(company_id: int) -> str:
    """Write a room with its owner and its people (aliases k and w)."""
    members = _members(with_people=True)
    shape = Shape({**_columns(company_id), "owner": _person("w"), "users": members})
    return shape.as_json()


_CHATS = "messaging_teamchat k JOIN public.accounts_user w ON w.id = k.owner_id"


def team_chat_page(user: User, *, page: int) -> bytes:
    """Give a page of the rooms a person is in, newest first; one statement."""
    whole = _whole_sql(current_company_id())
    sql = f"""WITH found AS MATERIALIZED (
            SELECT chat_id FROM messaging_teamchatmember WHERE user_id = %(user)s),
        page AS MATERIALIZED (
            SELECT * FROM messaging_teamchat WHERE id IN (SELECT chat_id FROM found)
            ORDER BY created_at DESC, id DESC LIMIT {PAGE_SIZE} OFFSET %(offset)s)
        SELECT json_build_object(
            'records', coalesce((SELECT json_agg({whole} ORDER BY k.created_at DESC, k.id DESC)
                FROM page k JOIN public.accounts_user w ON w.id = k.owner_id), '[]'::json),
            'count', (SELECT count(*) FROM found),
            'hasMore', (SELECT count(*) FROM found)
                > %(offset)s + (SELECT count(*) FROM page) AND EXISTS (SELECT 1 FROM page))::text
        """
    return read_text(sql, {"user": user.pk, "offset": (page - 1) * PAGE_SIZE})


def team_chat_json(key: uuid.UUID, user: User) -> bytes | None:
    """Give a room's columns, or None where the person is in no such room; one statement."""
    shape = Shape(_columns(current_company_id())).as_json()
    sql = f"""SELECT {shape}::text FROM messaging_teamchat k WHERE k.uuid = %s AND EXISTS (
        SELECT 1 FROM messaging_teamchatmember b WHERE b.chat_id = k.id AND b.user_id = %s)"""
    rows = read_rows(sql, [key, user.pk])
    return rows[0][0].encode() if rows else None


@dataclass(frozen=True, slots=True)
class ChatParts:
    """A room for clients, and who is in it."""

    text: bytes
    member_ids: tuple[int, ...]


def team_chats_with_members(ids: Sequence[int]) -> dict[int, ChatParts]:
    """Give rooms with owner and people, by id; one statement."""
    sql = f"""SELECT k.id, {_whole_sql(current_company_id())}::text,
        ARRAY(SELECT b.user_id FROM messaging_teamchatmember b WHERE b.chat_id = k.id ORDER BY 1)
        FROM {_CHATS} WHERE k.id = ANY(%s)"""
    return {
        pk: ChatParts(text.encode(), tuple(members))
        for pk, text, members in read_rows(sql, [list(ids)])
    }


def _message_parts() -> dict[str, Part]:
    return {
        "id": Number("m.id"),
        "chatId": Number("m.chat_id"),
        "senderId": Number("m.sender_id"),
        "message": Text("m.text"),
        "mediaPath": Text(file_sql("m")),
        "mediaName": Text("nullif(m.media_name, '')"),
        "createdAt": Moment("m.created_at"),
        # What was said stays as it was said.
        "updatedAt": Moment("m.created_at"),
        "sender": Shape({"id": Number("u.id"), "name": Text("u.name")}),
    }


def team_messages(chat_id: int, *, page: int) -> bytes:
    """Give a page of what was said in a room, counted from its end, oldest first; one statement."""
    shape = Shape(_message_parts()).as_json()
    sql = f"""WITH page AS MATERIALIZED (
            SELECT * FROM messaging_teamchatmessage WHERE chat_id = %(chat)s
            ORDER BY id DESC LIMIT {PAGE_SIZE} OFFSET %(offset)s),
        all_of_it AS (
            SELECT count(*) AS n FROM messaging_teamchatmessage WHERE chat_id = %(chat)s)
        SELECT json_build_object(
            'records', coalesce((SELECT json_agg({shape} ORDER BY m.id) FROM page m
                JOIN public.accounts_user u ON u.id = m.sender_id), '[]'::json),
            'count', (SELECT n FROM all_of_it),
            'hasMore', (SELECT n FROM all_of_it)
                > %(offset)s + (SELECT count(*) FROM page) AND EXISTS (SELECT 1 FROM page))::text
        """
    values: dict[str, Any] = {"chat": chat_id, "offset": (page - 1) * PAGE_SIZE}
    return sign_marks(read_text(sql, values), current_company_id())


def team_messages_json(ids: Sequence[int]) -> dict[int, bytes]:
    """Give what was said, each with its room and that room's members, by id; one statement."""
    company_id = current_company_id()
    chat = Shape({**_columns(company_id), "users": _members(with_people=False)})
    shape = Shape({**_message_parts(), "chat": chat}).as_json()
    sql = f"""SELECT m.id, {shape}::text FROM messaging_teamchatmessage m
        JOIN messaging_teamchat k ON k.id = m.chat_id
        JOIN public.accounts_user u ON u.id = m.sender_id WHERE m.id = ANY(%s)"""
    return {pk: sign_marks(text.encode(), company_id) for pk, text in read_rows(sql, [list(ids)])}
