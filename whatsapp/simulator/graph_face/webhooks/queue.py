"""The queue of changes: kept until answered, signed, posted in lanes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import random
import secrets
import sqlite3
import time
from typing import Any

import aiohttp
import orjson

from whatsapp.simulator.graph_face.accounts import Accounts, CloudNumber
from whatsapp.simulator.network import DELIVERED, Network

logger = logging.getLogger(__name__)

LANES = 4
ANSWER_SECONDS = 10.0
KEEP_SECONDS = 7 * 24 * 3600
LONGEST_WAIT_SECONDS = 60.0


class WebhookQueue:
    """What businesses have yet to be told, and the workers that tell them."""

    def __init__(self, network: Network, accounts: Accounts) -> None:
        self._network = network
        self._ledger = network.ledger
        self._accounts = accounts
        self._wake: dict[tuple[str, int], asyncio.Event] = {}
        self._workers: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._in_flight: set[int] = set()
        self._session: aiohttp.ClientSession | None = None

    def add(
        self,
        cloud: CloudNumber,
        value: dict[str, Any],
        *,
        field: str = "messages",
        lane: str = "",
        message: int | None = None,
        delay: float = 0,
    ) -> None:
        """Keep a change for a business until its receiver has answered 2xx."""
        number = hashlib.sha256(lane.encode()).digest()[0] % LANES
        if self._network.faults.reorder:
            delay += self._network.faults.delivery_delay()
        now = time.time()
        self._ledger.write(
            "INSERT INTO webhooks (number, lane, field, value, message, due_at, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            cloud.number,
            number,
            field,
            orjson.dumps(value).decode(),
            message,
            now + delay,
            now,
        )
        self._ledger.after_commit(lambda: self.wake(cloud.number, number))

    def wake(self, number: str | None = None, lane: int | None = None) -> None:
        """Look at the queue now, of one lane or all."""
        numbers = [number] if number else list(self._accounts.numbers)
        for name in numbers:
            for index in range(LANES) if lane is None else (lane,):
                key = (name, index)
                if key not in self._workers:
                    self._wake[key] = asyncio.Event()
                    self._workers[key] = asyncio.create_task(self._work(key))
                self._wake[key].set()

    def start(self) -> None:
        """Begin posting what waits."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            connector=aiohttp.TCPConnector(limit=32),
        )
        self.wake()

    async def stop(self) -> None:
        """End the workers; the queue stays."""
        for task in self._workers.values():
            task.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        if self._session:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP client of this face."""
        if self._session is None:
            raise RuntimeError("not started")
        return self._session

    def waiting(self) -> int:
        """Return how many changes wait for an answer."""
        row = self._ledger.one("SELECT count(*) FROM webhooks")
        return row[0] if row else 0

    async def handshake(self, url: str, verify_token: str) -> bool:
        """Ask a receiver to prove it knows the verify token."""
        challenge = str(secrets.randbelow(10**9))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": verify_token,
        }
        try:
            async with self.session.get(url, params=query) as answer:
                body = await answer.content.read(200)
                return answer.status == 200 and body.decode(errors="replace") == challenge
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False

    async def _work(self, key: tuple[str, int]) -> None:
        number, lane = key
        wake = self._wake[key]
        while True:
            wake.clear()
            pause = 30.0
            try:
                pause = await self._post_next(number, lane)
            except Exception:
                logger.exception("Posting webhooks of %s failed", number)
                pause = 1.0
            if pause > 0:
                try:
                    await asyncio.wait_for(wake.wait(), pause)
                except TimeoutError:
                    continue

    async def _post_next(self, number: str, lane: int) -> float:
        """Post the next batch; return the seconds to wait before looking again."""
        cloud = self._accounts.numbers[number]
        url, token = cloud.target
        if self._accounts.knobs.paused or not url or not cloud.subscribed:
            return 30.0
        rows = self._take(cloud, lane)
        if not rows:
            return self._until_due(number, lane)
        taken = {row["id"] for row in rows}
        self._in_flight |= taken
        try:
            if cloud.verified_url != url:
                if not await self.handshake(url, token):
                    return max(0.2, self._accounts.knobs.retryBaseSeconds)
                cloud.verified_url = url
                self._accounts.save(cloud)
            body = self._body(rows)
            answered = await self._post(cloud, url, body)
            if answered and self._network.faults.strikes(
                max(self._network.faults.duplicate_rate, self._accounts.knobs.duplicateRate)
            ):
                await self._post(cloud, url, body)
            self._settle(rows, answered=answered)
            await self._ledger.durable()
        finally:
            self._in_flight -= taken
        return 0.0 if answered else 0.05

    def _take(self, cloud: CloudNumber, lane: int) -> list[sqlite3.Row]:
        numbers = [cloud.number]
        if self._accounts.knobs.mixedWabas:
            numbers += [
                other.number
                for other in self._accounts.numbers.values()
                if other is not cloud
                and other.target == cloud.target
                and other.app_secret == cloud.app_secret
            ]
        marks = ",".join("?" * len(numbers))
        rows = self._ledger.all(
            "SELECT id, number, field, value, message, attempts, created_at FROM webhooks "  # noqa: S608
            f"WHERE number IN ({marks}) AND lane = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?",
            *numbers,
            lane,
            time.time(),
            self._accounts.knobs.batch + len(self._in_flight),
        )
        free = [row for row in rows if row["id"] not in self._in_flight]
        return free[: self._accounts.knobs.batch]

    def _until_due(self, number: str, lane: int) -> float:
        row = self._ledger.one(
            "SELECT min(due_at) FROM webhooks WHERE number = ? AND lane = ?", number, lane
        )
        if row is None or row[0] is None:
            return 30.0
        return min(30.0, max(0.01, row[0] - time.time()))

    def _body(self, rows: list[sqlite3.Row]) -> bytes:
        entries: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            waba = self._accounts.numbers[row["number"]].waba_id
            change = {"field": row["field"], "value": orjson.loads(row["value"])}
            entries.setdefault(waba, []).append(change)
        envelope = {
            "object": "whatsapp_business_account",
            "entry": [
                {"id": waba, "time": int(self._accounts.knobs.now()), "changes": changes}
                for waba, changes in entries.items()
            ],
        }
        # Meta escapes everything beyond ASCII; json does so by default, orjson never.
        return json.dumps(envelope, separators=(",", ":")).encode()

    async def _post(self, cloud: CloudNumber, url: str, body: bytes) -> bool:
        digest = hmac.new(cloud.app_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": f"sha256={digest}",
            "User-Agent": "facebookexternalua",
        }
        try:
            async with self.session.post(url, data=body, headers=headers) as answer:
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _settle(self, rows: list[sqlite3.Row], *, answered: bool) -> None:
        for row in rows:
            if answered:
                self._ledger.write("DELETE FROM webhooks WHERE id = ?", row["id"])
                if row["message"] and (message := self._network.messages.by_seq(row["message"])):
                    self._network.receipts.advance(message, DELIVERED, message.recipient)
                continue
            if time.time() - row["created_at"] > KEEP_SECONDS:
                self._ledger.write("DELETE FROM webhooks WHERE id = ?", row["id"])
                continue
            wait = self._accounts.knobs.retryBaseSeconds * 2 ** min(row["attempts"], 12)
            wait = min(wait, LONGEST_WAIT_SECONDS) * random.uniform(0.8, 1.2)  # noqa: S311
            self._ledger.write(
                "UPDATE webhooks SET attempts = attempts + 1, due_at = ? WHERE id = ?",
                time.time() + wait,
                row["id"],
            )
