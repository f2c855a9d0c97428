"""Every route of the API document under fire: what test_schemathesis.py aims and counts with.

A shot is one request, answered in-process. Its faults are what must never be seen: a crash,
something that breaks at COMMIT or right after it, an answer that the document does not know, a
refusal without a code. They are gathered, so that one run shows all of them.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.test import Client, TestCase
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from schemathesis import GenerationMode, checks
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.specs.openapi import checks as openapi_checks
from structlog.testing import capture_logs

from whaticket import tenancy
from whaticket.testing import answers, nonsense
from whaticket.wsgi import application

# How many times the examples of CI are shot; other examples with another seed.
TIMES = float(os.environ.get("SCHEMATHESIS_TIMES", "1"))
SEED = int(os.environ.get("SCHEMATHESIS_SEED", "1"))
# Only routes with this in their name, such as "POST /queue".
ONLY = os.environ.get("SCHEMATHESIS_ONLY", "")

CODE = re.compile(r"[A-Z]+(_[A-Z0-9]+)+|UNAUTHORIZED")
CHECKS: list[Any] = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
# Who calls a route, by the proofs that it takes; without any, nobody and somebody.
CALLERS = {
    "accessToken": ["admin", "agent", "operator"],
    "platformToken": ["platform"],
    "connectionToken": ["program"],
    "programToken": ["program", "platform"],
}


def examples(count: float, **more: Any) -> settings:
    """Say how many examples a property gets in CI."""
    return settings(
        max_examples=max(1, round(count * TIMES)),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **more,
    )


class Range:
    """Where shots are fired: who calls, what there is to hit, and what was found.

    `callers` gives the headers of everybody in CALLERS and of nobody; `known` an id that exists for
    each parameter of a path.
    """

    def __init__(self, callers: dict[str, Callable[[], dict[str, str]]], known: dict[str, Any]):
        self.callers, self.known = callers, known
        self.faults: dict[tuple[str, str], str] = {}
        self.shots = 0
        self.answered: dict[str, set[int]] = {}
        self._client = Client(raise_request_exception=False)

    def report(self) -> str:
        """Tell all that was found."""
        return "\n\n".join(self.faults[key] for key in sorted(self.faults))

    def fire(self, case: Any, who: str) -> Any:
        """Send a request of Schemathesis; give the answer, or None where there was none."""
        about = f"{case.operation.label} as {who}: {case.as_curl_command()[:900]}"
        answer = self._shoot(
            case.operation.label, about, lambda: case.call(headers=self.callers[who]())
        )
        if answer is None:
            return None
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                self._note(case.operation.label, about, f"{failure.title}\n{failure.message}")
        self._judge(case.operation.label, about, answer.status_code, answer.content)
        return answer

    def send(self, request: nonsense.Request, who: str) -> None:
        """Send a request of ours."""
        target = request.target
        about = (
            f"{target.label} as {who}: {request.url[:300]} {request.kind} {request.body[:600]!r}"
        )
        answer = self._shoot(
            target.label,
            about,
            lambda: self._client.generic(
                target.method,
                request.url,
                request.body,
                request.kind,
                headers=self.callers[who](),
            ),
        )
        if answer is None:
            return
        try:
            answers.check(target.method, request.url.partition("?")[0], answer)
        except (AssertionError, ValueError) as error:
            self._note(target.label, about, str(error))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        self._judge(target.label, about, answer.status_code, content)

    def _shoot(self, label: str, about: str, call: Callable[[], Any]) -> Any:
        self.shots += 1
        try:
            with capture_logs() as logs, _one_transaction(), _committed():
                try:
                    answer = call()
                finally:
                    tenancy.leave_company()
        except Exception as error:
            if not _is_unsendable(error):
                self._note(label, about, "".join(traceback.format_exception(error)))
            return None
        for line in logs:
            if isinstance(crash := line.get("exc_info"), Exception):
                self._note(label, about, "".join(traceback.format_exception(crash)))
        self.answered.setdefault(label, set()).add(answer.status_code)
        return answer

    def _judge(self, label: str, about: str, status: int, content: bytes) -> None:
        if status >= 500:
            self._note(label, about, f"{status} {content[:300]!r}")
        elif status >= 400:
            try:
                told = json.loads(content)["error"]
            except (ValueError, KeyError, TypeError):
                told = ""
            if not CODE.fullmatch(told):
                self._note(label, about, f"A refusal without a code: {status} {content[:300]!r}")

    def _note(self, label: str, about: str, what: str) -> None:
        last = what.strip().splitlines()[-1]
        kind = re.sub(r"[\d'\"].*", "", last)[:60]
        self.faults.setdefault((label, kind), f"{about}\n{what.strip()[-2500:]}")

    def unreached(self) -> set[str]:
        """Name the routes that have refused whatever came."""
        return {
            label
            for label, statuses in self.answered.items()
            if not any(status < 300 for status in statuses)
        }


def who_calls(schemes: list[str]) -> list[str]:
    """Name those for whom a route is made."""
    return [who for scheme in schemes for who in CALLERS[scheme]] or ["nobody", "admin"]


def load() -> Any:
    """Give the document of the code as something that makes requests."""
    generation = GenerationConfig(with_security_parameters=False)
    config = SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(generation=generation))
    )
    schema = schemathesis.openapi.from_dict(
        json.loads(json.dumps(answers.document())), config=config
    )
    schema.app = application
    return schema


def bombard(field: Range, operation: Any, count: float) -> None:
    """Shoot at one route, each time with everything as it was before."""
    cache.clear()
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    there = {**field.known, **field.known.get(operation.label, {})}
    right = nonsense.right(field.known).get(operation.path, {})

    @seed(SEED)
    @examples(count)
    @given(
        case=st.one_of(good, good, bad),
        who=st.sampled_from(who_calls(_schemes(operation))),
        known=st.integers(0, 9).map(bool),
        # Few generated bodies come far: most are refused for one field before others are read.
        kept=st.lists(st.sampled_from(sorted(right) or [""]), unique=True) if right else st.none(),
    )
    def attack(case: Any, who: str, known: bool, kept: list[str] | None) -> None:
        for name in case.path_parameters or {}:
            if known and name in there:
                case.path_parameters[name] = there[name]
        if known and kept is not None and isinstance(case.body, dict):
            case.body = {**right, **{name: case.body[name] for name in kept if name in case.body}}
        with undone():
            field.fire(case, who)

    attack()


def follow(field: Range, schema: Any, count: float) -> None:
    """Shoot chains, where a request goes on with what earlier answers told; `count` in all."""
    machine: Any = schema.as_state_machine()

    class Workflow(machine):  # type: ignore[misc]
        def setup(self) -> None:
            cache.clear()
            self._chance = Random(SEED)
            self._undone = undone()
            self._undone.__enter__()

        def teardown(self) -> None:
            self._undone.__exit__(None, None, None)

        def call(self, case: Any, **kwargs: Any) -> Any:
            who = self._chance.choice(who_calls(_schemes(case.operation)))
            answer = field.fire(case, who)
            if answer is None:
                reject()
            return answer

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            """It was looked at when it came."""

    until, number = field.shots + count * TIMES, SEED
    while field.shots < until:
        # Ids and times differ between runs of one chain, and Hypothesis stops at what it cannot
        # repeat. Faults are gathered elsewhere, so other chains go on.
        with suppress(Flaky):
            run_state_machine_as_test(
                seed(number)(Workflow), settings=examples(8, stateful_step_count=8)
            )
        number += 1


def _schemes(operation: Any) -> list[str]:
    return [name for way in operation.definition.raw.get("security", []) for name in way]


@contextmanager
def undone() -> Iterator[None]:
    """Take back what a block did to the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _one_transaction() -> Iterator[None]:
    """Keep requests from closing the connection that the test's transaction lives in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@contextmanager
def _committed() -> Iterator[None]:
    """Let a request end as if it were committed: late constraints are held, receivers run."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _is_unsendable(error: Exception) -> bool:
    """Tell what no client could put on the wire from what a route did."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    return not any("/django/core/handlers/" in name for name in files) and any(
        part in files[-1]
        for part in ("werkzeug", "schemathesis", "requests", "encodings", "urllib")
    )
