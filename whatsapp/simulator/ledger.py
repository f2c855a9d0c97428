"""The simulator's durable memory: one SQLite file, written in groups.

Everything runs in the event loop's thread on one connection, so a reader always sees what was
written before it. A statement only joins the open transaction; the transaction is committed a few
milliseconds later together with everything else that arrived. Whoever must not speak before its
change is durable uses `after_commit` or awaits `durable`.

WAL with synchronous=NORMAL survives the death of the process at any instant (the pages are with the
operating system); only a power cut may lose the last commits, which a stand-in network can afford.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import orjson

logger = logging.getLogger(__name__)

GROUP_COMMIT_SECONDS = 0.003
CHECKPOINT_SECONDS = 5.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS phones (
    number TEXT PRIMARY KEY, name TEXT NOT NULL, lid TEXT NOT NULL UNIQUE,
    bsuid TEXT NOT NULL UNIQUE,
    username TEXT, addressing TEXT NOT NULL, created_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS groups (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, members TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS devices (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, number TEXT, credentials TEXT UNIQUE,
    state TEXT NOT NULL, last_seq INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL
) WITHOUT ROWID;
-- Credentials that were good once: their owner is told why they are not any more.
CREATE TABLE IF NOT EXISTS void_credentials (
    credentials TEXT PRIMARY KEY, reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS device_events (
    device TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, message INTEGER,
    PRIMARY KEY (device, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL, id TEXT NOT NULL,
    sender TEXT NOT NULL, recipient TEXT NOT NULL, origin TEXT NOT NULL, content TEXT NOT NULL,
    at REAL NOT NULL, status INTEGER NOT NULL DEFAULT 1, routed INTEGER NOT NULL DEFAULT 0,
    edited_at REAL, revoked_at REAL, callback_data TEXT, copy_of INTEGER, error INTEGER,
    UNIQUE (chat, id)
);
-- A phone, a device and the Graph API name a message by its id alone.
CREATE INDEX IF NOT EXISTS messages_by_id ON messages (id);
CREATE INDEX IF NOT EXISTS messages_by_callback ON messages (sender, callback_data)
    WHERE callback_data IS NOT NULL;
-- Read marks and deliveries look only at what is not read yet.
CREATE INDEX IF NOT EXISTS messages_unread ON messages (chat, recipient)
    WHERE status BETWEEN 1 AND 2;
CREATE INDEX IF NOT EXISTS messages_unplayed ON messages (chat, recipient)
    WHERE status = 3;
CREATE INDEX IF NOT EXISTS messages_unrouted ON messages (seq) WHERE routed = 0;
CREATE TABLE IF NOT EXISTS shown (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, phone TEXT NOT NULL, message INTEGER NOT NULL,
    copies INTEGER NOT NULL DEFAULT 1, UNIQUE (phone, message)
);
CREATE INDEX IF NOT EXISTS shown_by_phone ON shown (phone, seq);
CREATE TABLE IF NOT EXISTS reactions (
    message INTEGER NOT NULL, sender TEXT NOT NULL, id TEXT NOT NULL, emoji TEXT NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (message, sender)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS media (
    id TEXT PRIMARY KEY, mimetype TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
    file_name TEXT, owner TEXT, at REAL NOT NULL
) WITHOUT ROWID;
-- Whom the owner of a number has shut out on a linked device.
CREATE TABLE IF NOT EXISTS blocks (
    number TEXT NOT NULL, whom TEXT NOT NULL, PRIMARY KEY (number, whom)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cloud_numbers (
    number TEXT PRIMARY KEY, phone_id TEXT NOT NULL UNIQUE, waba_id TEXT NOT NULL,
    settings TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS templates (
    id TEXT PRIMARY KEY, waba_id TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL,
    body TEXT NOT NULL, UNIQUE (waba_id, name, language)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL, lane INTEGER NOT NULL,
    field TEXT NOT NULL, value TEXT NOT NULL, message INTEGER, attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS webhooks_due ON webhooks (number, lane, due_at);
"""

HISTORY_TABLES = ("messages", "shown", "reactions", "device_events", "webhooks", "media")


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Ledger:
    """The SQLite file of one simulator; not shared with any other process."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # The checkpoint runs in a helper thread on its own connection; this one stays in the loop.
        self._db = sqlite3.connect(self.path, isolation_level=None, cached_statements=256)
        self._db.row_factory = sqlite3.Row
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "wal_autocheckpoint=0",
            "cache_size=-32000",
            "busy_timeout=5000",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)
        self._open = False
        self._commit_timer: asyncio.TimerHandle | None = None
        self._before: dict[str, Callable[[], None]] = {}
        self._after: list[Callable[[], None]] = []
        self._checkpoints: asyncio.Task[None] | None = None

    # Reading ------------------------------------------------------------------------------

    def all(self, sql: str, *params: Any) -> list[sqlite3.Row]:
        """Return every row of a query, including rows whose commit is still to come."""
        return self._db.execute(sql, params).fetchall()

    def one(self, sql: str, *params: Any) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        row: sqlite3.Row | None = self._db.execute(sql, params).fetchone()
        return row

    def get_meta(self, key: str, default: Any = None) -> Any:
        """Return a stored setting."""
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return orjson.loads(row[0]) if row else default

    # Writing ------------------------------------------------------------------------------

    def write(self, sql: str, *params: Any) -> sqlite3.Cursor:
        """Execute one statement inside the open group; it is durable after the next commit."""
        self._begin()
        return self._db.execute(sql, params)

    def write_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute one statement for many rows inside the open group."""
        self._begin()
        self._db.executemany(sql, rows)

    def set_meta(self, key: str, value: Any) -> None:
        """Store a setting."""
        self.write("REPLACE INTO meta VALUES (?, ?)", key, orjson.dumps(value).decode())

    def before_commit(self, key: str, call: Callable[[], None]) -> None:
        """Run `call` once, just before the group is committed, however often it is asked for."""
        self._begin()
        self._before[key] = call

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once everything written so far is durable."""
        if self._open:
            self._after.append(call)
        else:
            call()

    async def durable(self) -> None:
        """Return when everything written so far is durable."""
        if self._open:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._after.append(partial(_wake, waiter))
            await waiter

    def commit(self) -> None:
        """Commit the open group now and run what waited for it."""
        if self._commit_timer:
            self._commit_timer.cancel()
            self._commit_timer = None
        if not self._open:
            return
        last_writes, self._before = self._before, {}
        for write in last_writes.values():
            write()
        self._db.execute("COMMIT")
        self._open = False
        waiting, self._after = self._after, []
        for call in waiting:
            try:
                call()
            except Exception:
                logger.exception("A step after the commit failed")

    def _begin(self) -> None:
        if self._open:
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._open = True
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # At start and stop there is no loop; the caller commits itself.
        self._commit_timer = loop.call_later(GROUP_COMMIT_SECONDS, self.commit)

    # Life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin moving the write-ahead log into the file in the background."""
        self._checkpoints = asyncio.create_task(self._checkpoint_for_ever())

    async def stop(self) -> None:
        """Commit what is open and close the file."""
        if self._checkpoints:
            self._checkpoints.cancel()
            await asyncio.gather(self._checkpoints, return_exceptions=True)
        self.commit()
        self._db.close()

    def clear_history(self) -> None:
        """Forget every message, event and file; phones, devices and settings stay."""
        for table in HISTORY_TABLES:
            self.write(f"DELETE FROM {table}")  # noqa: S608 - names from the constant above

    async def _checkpoint_for_ever(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            try:
                await asyncio.to_thread(self._checkpoint)
            except sqlite3.Error as error:
                logger.warning("Checkpoint put off: %s", error)

    def _checkpoint(self) -> None:
        # Its own connection in a thread: the disk sync of a checkpoint must not stop the loop.
        db = sqlite3.connect(self.path, timeout=1)
        try:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            db.close()
