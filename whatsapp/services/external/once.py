"""Idempotency keys: the same call twice is carried out once and answered twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from whatsapp.exceptions import IdempotencyKeyReused
from whatsapp.models import ApiRequest, ApiToken

KEPT_HOURS = 24
PRUNE_BATCH = 5000


def _oldest() -> datetime:
    return timezone.now() - timedelta(hours=KEPT_HOURS)


def recall(token: ApiToken, key: str, fingerprint: str) -> dict[str, Any] | None:
    """Give the answer of an earlier call with this key; raise IdempotencyKeyReused for another."""
    if not key:
        return None
    row = ApiRequest.objects.filter(token=token, key=key, created_at__gte=_oldest()).first()
    return _answer(row, fingerprint) if row else None


@transaction.atomic
def once(
    token: ApiToken, key: str, fingerprint: str, act: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """Carry something out unless it was under this key; give its answer, and whether it is new.

    The key's row, what `act` writes and the answer are one commit: whoever dies before it has done
    nothing, and whoever comes with the same key meanwhile waits for its end. `act` only writes
    rows; what it raises takes the key back. Raises IdempotencyKeyReused.
    """
    if not key:
        return act(), True
    ApiRequest.objects.filter(token=token, key=key, created_at__lt=_oldest()).delete()
    row, is_new = ApiRequest.objects.get_or_create(
        token=token, key=key, defaults={"fingerprint": fingerprint}
    )
    if not is_new:
        return _answer(row, fingerprint), False
    row.answer = act()
    row.save(update_fields=["answer"])
    return row.answer, True


def _answer(row: ApiRequest, fingerprint: str) -> dict[str, Any]:
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    answer: dict[str, Any] = row.answer
    return answer


def prune_requests() -> int:
    """Forget a company's keys that no longer count; return how many."""
    gone = 0
    while True:
        ids = list(
            ApiRequest.objects.filter(created_at__lt=_oldest()).values_list("pk", flat=True)[
                :PRUNE_BATCH
            ]
        )
        if not ids:
            return gone
        gone += ApiRequest.objects.filter(pk__in=ids).delete()[0]
