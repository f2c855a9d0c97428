"""People on the other side of browser tests: phones of the simulator with a name and a voice."""

import base64
import io
import itertools
from typing import Any

from PIL import Image

from whaticket.testing.platform import BUSINESS, Platform

_numbers = itertools.count(1)


class Customer:
    """A simulated phone that writes to the business, and says what it was shown."""

    def __init__(self, platform: Platform, name: str):
        self.name = name
        self.number = f"55119{81000000 + next(_numbers)}"
        self._platform = platform
        self._network = platform.simulator()
        self._post("/api/phones", {"number": self.number, "name": name})

    def says(self, text: str) -> None:
        """Write a text."""
        self._write({"kind": "text", "text": text})

    def shows(self, caption: str, picture: Image.Image | None = None) -> None:
        """Send a photo."""
        file = io.BytesIO()
        (picture or Image.new("RGB", (320, 200), "teal")).save(file, "PNG")
        data = base64.b64encode(file.getvalue()).decode()
        self._write({"kind": "image", "caption": caption, "dataBase64": data})

    def reads(self) -> None:
        """Look at everything the business wrote."""
        self._post(f"/api/phones/{self.number}/read", {"chat": BUSINESS})

    def reacts(self, message: dict[str, Any], emoji: str) -> None:
        """Put an emoji on a message."""
        self._post(f"/api/phones/{self.number}/reactions", {"id": message["id"], "emoji": emoji})

    def shown(self) -> list[dict[str, Any]]:
        """Give what the business's messages look like on the phone, oldest first."""
        answer = self._network.get(f"/api/phones/{self.number}/messages")
        return [message for message in answer.json() if message["from"] == BUSINESS]

    def texts(self) -> list[str]:
        """Give the texts the phone shows, oldest first."""
        return [message.get("text") or message.get("caption") or "" for message in self.shown()]

    def gets(self, text: str) -> dict[str, Any]:
        """Wait for a message of the business; it must be shown exactly once."""

        def arrived() -> list[dict[str, Any]]:
            return [m for m in self.shown() if text in (m.get("text"), m.get("caption"))]

        found = self._platform.wait_for(arrived, 30)
        assert [message["copies"] for message in found] == [1], found
        return dict(found[0])

    def file(self, message: dict[str, Any]) -> bytes:
        """Give the bytes of a message's file as the phone has them."""
        answer = self._network.get(message["mediaUrl"])
        answer.raise_for_status()
        return answer.content

    def comes_to(self, condition: Any) -> None:
        """Wait until what the phone shows is as wished."""
        self._platform.wait_for(lambda: condition(self.shown()), 30)

    def _write(self, message: dict[str, Any]) -> None:
        self._post(f"/api/phones/{self.number}/messages", {"to": BUSINESS, **message})

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._network.post(path, json=body).raise_for_status()
