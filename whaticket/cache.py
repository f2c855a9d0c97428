"""A cache that may go away: losing it costs time, never an answer."""

from collections.abc import Callable
from typing import Any

import redis
import structlog
from django.core.cache.backends.redis import RedisCache

log = structlog.get_logger(__name__)

_AWAY = (redis.RedisError, OSError)


class TolerantRedisCache(RedisCache):
    """Django's Redis cache, except that a server that is away looks like an empty one."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._try(default, super().get, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return self._try({}, super().get_many, keys, version)

    def set(self, key: Any, value: Any, timeout: Any = ..., version: int | None = None) -> None:
        self._try(None, super().set, key, value, *_given(timeout), version=version)

    def set_many(self, data: Any, timeout: Any = ..., version: int | None = None) -> Any:
        return self._try(list(data), super().set_many, data, *_given(timeout), version=version)

    def add(self, key: Any, value: Any, timeout: Any = ..., version: int | None = None) -> bool:
        return bool(self._try(False, super().add, key, value, *_given(timeout), version=version))

    def touch(self, key: Any, timeout: Any = ..., version: int | None = None) -> bool:
        return bool(self._try(False, super().touch, key, *_given(timeout), version=version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._try(False, super().delete, key, version))

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._try(None, super().delete_many, keys, version)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._try(False, super().has_key, key, version))

    def clear(self) -> None:
        self._try(None, super().clear)

    def _try(self, otherwise: Any, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return act(*args, **kwargs)
        except _AWAY as error:
            log.warning("cache.away", error=type(error).__name__)
            return otherwise


def _given(timeout: Any) -> tuple[Any, ...]:
    return () if timeout is ... else (timeout,)
