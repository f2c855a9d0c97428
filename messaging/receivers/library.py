"""What clients hear of quick messages and lists of files (realtime.md §4.4).

Each frame goes out under two names: the one the contract's server used, and the one that its
clients listen to.
"""

from collections.abc import Sequence

from events.bus import on
from events.realtime import EVERYBODY, Audience, Frame, emit
from messaging.events import (
    FileListCreated,
    FileListDeleted,
    FileListUpdated,
    QuickMessageCreated,
    QuickMessageDeleted,
    QuickMessageUpdated,
)
from messaging.wire import file_lists_json, quick_messages_with_readers
from whaticket.tenancy import current_company_id


def _quick(data: bytes, owner_id: int | None) -> list[Frame]:
    audience = EVERYBODY if owner_id is None else Audience(users=(owner_id,))
    company_id = current_company_id()
    names = (f"company-{company_id}-quickmessage", f"company-{company_id}-quickemessage")
    return [Frame(name, data, audience) for name in names]


def _quick_record(action: bytes, found: tuple[bytes, int | None]) -> list[Frame]:
    text, owner_id = found
    return _quick(b'{"action":"%b","record":%b}' % (action, text), owner_id)


def _quick_gone(quick_message_id: int, owner_id: int | None) -> list[Frame]:
    return _quick(b'{"action":"delete","id":%d}' % quick_message_id, owner_id)


@on(QuickMessageCreated)
def tell_new_quick_messages(news: Sequence[QuickMessageCreated]) -> None:
    """A quick message is there, for the company or for its owner."""
    found = quick_messages_with_readers([event.quick_message_id for event in news])
    emit(
        [
            frame
            for event in news
            if event.quick_message_id in found
            for frame in _quick_record(b"create", found[event.quick_message_id])
        ]
    )


@on(QuickMessageUpdated)
def tell_changed_quick_messages(news: Sequence[QuickMessageUpdated]) -> None:
    """A quick message changed; whoever sees it no more hears that it is gone."""
    found = quick_messages_with_readers([event.quick_message_id for event in news])
    frames: list[Frame] = []
    for event in news:
        one = found.get(event.quick_message_id)
        if one is None:
            continue
        if event.was_shared and one[1] is not None:
            frames += _quick_gone(event.quick_message_id, None)
            # To its owner's pages it is one that they have no more.
            frames += _quick_record(b"create", one)
        else:
            frames += _quick_record(b"update", one)
    emit(frames)


@on(QuickMessageDeleted)
def tell_removed_quick_messages(news: Sequence[QuickMessageDeleted]) -> None:
    """A quick message is no more."""
    emit(
        [
            frame
            for event in news
            for frame in _quick_gone(
                event.quick_message_id, None if event.was_shared else event.owner_id
            )
        ]
    )


def _files(data: bytes) -> list[Frame]:
    company_id = current_company_id()
    return [Frame(f"company{company_id}-file", data), Frame(f"company-{company_id}-file", data)]


def _file_lists(action: bytes, ids: Sequence[int]) -> list[Frame]:
    found = file_lists_json(ids)
    return [
        frame
        for pk in dict.fromkeys(ids)
        if pk in found
        for frame in _files(b'{"action":"%b","fileList":%b}' % (action, found[pk]))
    ]


@on(FileListCreated)
def tell_new_file_lists(news: Sequence[FileListCreated]) -> None:
    """A list of files is there."""
    emit(_file_lists(b"create", [event.file_list_id for event in news]))


@on(FileListUpdated)
def tell_changed_file_lists(news: Sequence[FileListUpdated]) -> None:
    """A list of files changed."""
    emit(_file_lists(b"update", [event.file_list_id for event in news]))


@on(FileListDeleted)
def tell_removed_file_lists(news: Sequence[FileListDeleted]) -> None:
    """A list of files is no more."""
    emit(
        [
            frame
            for event in news
            for frame in _files(b'{"action":"delete","fileId":%d}' % event.file_list_id)
        ]
    )
