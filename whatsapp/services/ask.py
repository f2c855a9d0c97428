"""Questions that only a running session can answer, asked from any process."""

import uuid
from typing import Any

import orjson
import redis

from events.realtime import valkey
from whaticket.tenancy import current_company_id
from whatsapp.exceptions import SessionNotRunning

ASK_CHANNEL = "whatsapp:ask"
# Longer than the network usually needs, shorter than a browser waits.
ANSWER_SECONDS = 4


def answer_key(question_id: str) -> str:
    """Name the list on which one answer comes back."""
    return f"whatsapp:answer:{question_id}"


def ask_session(connection_id: int, ask: str, **arguments: Any) -> dict[str, Any]:
    """Ask a connection's session something; raise SessionNotRunning when nobody answers."""
    question = {
        "id": uuid.uuid4().hex,
        "company": current_company_id(),
        "connection": connection_id,
        "ask": ask,
        **arguments,
    }
    try:
        if not valkey().publish(ASK_CHANNEL, orjson.dumps(question)):
            raise SessionNotRunning
        answer = valkey().blpop([answer_key(question["id"])], timeout=ANSWER_SECONDS)
    except redis.RedisError as error:
        raise SessionNotRunning from error
    if answer is None:
        raise SessionNotRunning
    return orjson.loads(answer[1])
