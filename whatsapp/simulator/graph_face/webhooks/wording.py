"""Changes as Meta words them: messages of phones, and statuses of a business's own."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from whatsapp.simulator.graph_face.accounts import Accounts, CloudNumber
from whatsapp.simulator.graph_face.errors import TITLES
from whatsapp.simulator.network import Message, Network


class Wording:
    """Builds the `value` of a change."""

    def __init__(self, network: Network, accounts: Accounts) -> None:
        self._network = network
        self._accounts = accounts
        self._service_counts: dict[str, int] = {}

    # Messages -----------------------------------------------------------------------------

    def from_phone(self, cloud: CloudNumber, sender: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the change in which a phone's message reaches a number."""
        contact: dict[str, Any] = {"profile": {"name": self._network.directory.name(sender)}}
        if not self._accounts.knobs.omitWaId:
            contact["wa_id"] = sender
        if phone := self._network.directory.phones.get(sender):
            contact["user_id"] = phone.bsuid
            if phone.username:
                contact["profile"]["username"] = phone.username
        return _metadata(cloud) | {"contacts": [contact], "messages": [body]}

    def message(self, message: Message) -> dict[str, Any]:
        """Return a phone's message as a business is told it."""
        content = message.content
        kind = content["type"]
        head = self._head(message.sender, message.id, kind)
        head["timestamp"] = self._stamp(message.at + self._accounts.knobs.clockOffsetSeconds)
        context: dict[str, Any] = {}
        quoted = content.get("quoted")
        original = self._network.messages.find(message.chat, quoted) if quoted else None
        if quoted:
            context = {"id": quoted, "from": original.sender if original else message.recipient}
        if content.get("forwarded"):
            context["forwarded"] = True
        if context:
            head["context"] = context
        if kind == "text":
            text = content["text"] + ("\x00" if self._accounts.knobs.nullInText else "")
            return head | {"text": {"body": text}}
        if "media" in content:
            return head | self._media(kind, content)
        if kind == "location":
            place = {key: content[key] for key in _PLACE if key in content}
            return head | {"location": place}
        if kind == "contacts":
            return head | {"contacts": [_card(card) for card in content["contacts"]]}
        if kind in ("button_reply", "list_reply"):
            if original and original.content["type"] == "template":
                button = {"payload": content["reply_id"], "text": content["text"]}
                return head | {"type": "button", "button": button}
            reply = {"id": content["reply_id"], "title": content["text"]}
            if content.get("description"):
                reply["description"] = content["description"]
            return head | {"type": "interactive", "interactive": {"type": kind, kind: reply}}
        return head | {
            "type": "unsupported",
            "unsupported": {"type": content.get("raw", kind)},
            "errors": [{"code": 131051, "title": TITLES[131051], "message": TITLES[131051]}],
        }

    def reaction(
        self, message: Message, sender: str, reaction_id: str, emoji: str
    ) -> dict[str, Any]:
        """Return a phone's reaction as a business is told it."""
        reaction = {"message_id": message.id}
        if emoji:
            reaction["emoji"] = emoji
        return self._head(sender, f"wamid.{reaction_id}", "reaction") | {"reaction": reaction}

    def edit(self, message: Message) -> dict[str, Any]:
        """Return a phone's change of its message as a business is told it."""
        inner = self.message(message)
        kind = inner["type"]
        changed = {"type": kind, kind: inner.get(kind)}
        return self._head(message.sender, _new_wamid(), "edit") | {
            "edit": {"original_message_id": message.id, "message": changed}
        }

    def revoke(self, message: Message) -> dict[str, Any]:
        """Return a phone's deletion of its message as a business is told it."""
        head = self._head(message.sender, _new_wamid(), "revoke")
        return head | {"revoke": {"original_message_id": message.id}}

    def _stamp(self, at: float) -> str:
        return str(round(at * 1000) if self._accounts.knobs.millisecondTimestamps else int(at))

    def _head(self, sender: str, message_id: str, kind: str) -> dict[str, Any]:
        now = self._accounts.knobs.now()
        head: dict[str, Any] = {"id": message_id, "timestamp": self._stamp(now)}
        if not self._accounts.knobs.omitWaId:
            head["from"] = sender
        if phone := self._network.directory.phones.get(sender):
            head["from_user_id"] = phone.bsuid
        return head | {"type": kind}

    @staticmethod
    def _media(kind: str, content: dict[str, Any]) -> dict[str, Any]:
        media = content["media"]
        sent: dict[str, Any] = {
            "id": media["id"],
            "mime_type": media["mimetype"],
            "sha256": media["sha256"],
        }
        graph_kind = "audio" if kind == "voice" else kind
        if kind in ("voice", "audio"):
            sent["voice"] = kind == "voice"
        if kind == "sticker":
            sent["animated"] = False
        if kind == "document":
            sent["filename"] = media.get("file_name") or "document"
        if content.get("caption"):
            sent["caption"] = content["caption"]
        return {"type": graph_kind, graph_kind: sent}

    # Statuses -----------------------------------------------------------------------------

    def status(self, cloud: CloudNumber, message: Message, word: str) -> dict[str, Any]:
        """Return the change that tells one status of a message."""
        status: dict[str, Any] = {
            "id": message.id,
            "status": word,
            "timestamp": self._stamp(self._accounts.knobs.now()),
        }
        if not self._accounts.knobs.omitWaId:
            status["recipient_id"] = message.recipient
        if phone := self._network.directory.phones.get(message.recipient):
            status["recipient_user_id"] = phone.bsuid
        if message.callback_data is not None:
            status["biz_opaque_callback_data"] = message.callback_data
        category = message.content.get("category", "service")
        if word in ("sent", "delivered", "read"):
            status["conversation"] = {
                "id": hashlib.sha256(message.chat.encode()).hexdigest()[:32],
                "origin": {"type": category},
            }
            status["pricing"] = self._pricing(cloud, category, first=word == "sent")
        if message.error and word == "failed":
            title = TITLES.get(message.error, "Error")
            status["errors"] = [
                {
                    "code": message.error,
                    "title": title,
                    "message": title,
                    "error_data": {"details": f"{title}."},
                    "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
                }
            ]
        return _metadata(cloud) | {"statuses": [status]}

    def _pricing(self, cloud: CloudNumber, category: str, *, first: bool) -> dict[str, Any]:
        used = self._service_counts.get(cloud.number, 0)
        free = category == "service" and used < self._accounts.knobs.freeServiceMessages
        if first and category == "service":
            self._service_counts[cloud.number] = used + 1
        return {
            "billable": not free,
            "pricing_model": "PMP",
            "type": "free_customer_service" if free else "regular",
            "category": category,
        }


_PLACE = ("latitude", "longitude", "name", "address")


def _metadata(cloud: CloudNumber) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": cloud.number,
            "phone_number_id": cloud.phone_id,
        },
    }


def _card(card: dict[str, str]) -> dict[str, Any]:
    phones = [
        {"phone": phone.strip(), "type": "CELL", "wa_id": re.sub(r"\D", "", phone)}
        for phone in re.findall(r"^TEL[^:\n]*:(.+)$", card["vcard"], re.MULTILINE)
    ]
    name = {"formatted_name": card["name"], "first_name": card["name"].split(" ")[0]}
    return {"name": name, "phones": phones}


def _new_wamid() -> str:
    return f"wamid.{secrets.token_hex(12).upper()}"
