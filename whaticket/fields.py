"""Model fields that several apps use."""

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: str) -> MultiFernet:
    """Build the cipher; several comma-separated keys allow rotation (the first one encrypts)."""
    derived = [
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.strip().encode()).digest()))
        for key in keys.split(",")
    ]
    return MultiFernet(derived)


class EncryptedJSONField(models.TextField):
    """JSON that is encrypted at rest with FIELD_KEY; for credentials that must be read again."""

    # What an attribute of it holds, for mypy; a text column's would be `str`.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        if not value:
            return {}
        return json.loads(_cipher(settings.FIELD_KEY).decrypt(value.encode()))

    def get_prep_value(self, value: Any) -> str:
        if not value:
            return ""
        return _cipher(settings.FIELD_KEY).encrypt(json.dumps(value).encode()).decode()

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value or {}
