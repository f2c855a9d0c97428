"""Message templates of an account: creating, listing, and filling them in."""

from __future__ import annotations

import re
import secrets
from typing import Any

import orjson

from whatsapp.simulator.ledger import Ledger

from .errors import GraphError

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


class Templates:
    """Templates belong to an account (WABA), not to a number."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def create(self, waba_id: str, data: dict[str, Any], *, approve: bool) -> dict[str, Any]:
        """Add a template and return it; raise GraphError(100) for one Meta would not take."""
        name, language = data.get("name"), data.get("language")
        category, components = data.get("category"), data.get("components")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise GraphError(100, "name must be lower-case letters, digits and underscores")
        if not isinstance(language, str) or not language:
            raise GraphError(100, "language is missing")
        if not isinstance(category, str) or category.upper() not in CATEGORIES:
            raise GraphError(100, f"category must be one of {', '.join(CATEGORIES)}")
        if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
            raise GraphError(100, "components must be a list of objects")
        body = _component(components, "BODY")
        if body is None:
            raise GraphError(100, "a BODY component is missing")
        text = str(body.get("text", ""))
        if category.upper() != "AUTHENTICATION":
            if not text:
                raise GraphError(100, "the BODY has no text")
            if len(text) > 1024:
                raise GraphError(100, "Message body is too long", 2388040)
            stripped = text.strip()
            if stripped.startswith("{{") or stripped.endswith("}}"):
                raise GraphError(100, "Variables can't be at the start or end", 2388299)
            if _VARIABLE.search(text) and "example" not in body:
                raise GraphError(100, "Variables need an example", 2388043)
        if self.find(waba_id, name, language):
            raise GraphError(100, "There is already content in this language", 2388024)
        template = {
            "id": str(secrets.randbelow(9 * 10**14) + 10**14),
            "name": name,
            "language": language,
            "status": "APPROVED" if approve else "PENDING",
            "category": category.upper(),
            "parameter_format": str(data.get("parameter_format") or "POSITIONAL").upper(),
            "components": components,
            "quality_score": {"score": "UNKNOWN"},
            "rejected_reason": "NONE",
        }
        self._ledger.write(
            "INSERT INTO templates VALUES (?, ?, ?, ?, ?)",
            template["id"],
            waba_id,
            name,
            language,
            orjson.dumps(template).decode(),
        )
        return template

    def all(self, waba_id: str, name: str | None = None) -> list[dict[str, Any]]:
        """Return the templates of an account, by name."""
        rows = self._ledger.all(
            "SELECT body FROM templates WHERE waba_id = ? AND (?2 IS NULL OR name = ?2) "
            "ORDER BY name, language",
            waba_id,
            name,
        )
        return [orjson.loads(row[0]) for row in rows]

    def find(self, waba_id: str, name: Any, language: Any) -> dict[str, Any] | None:
        """Return one template of an account."""
        row = self._ledger.one(
            "SELECT body FROM templates WHERE waba_id = ? AND name = ? AND language = ?",
            waba_id,
            str(name),
            str(language),
        )
        return orjson.loads(row[0]) if row else None

    def get(self, template_id: str) -> tuple[str, dict[str, Any]] | None:
        """Return a template by id, with its account."""
        row = self._ledger.one("SELECT waba_id, body FROM templates WHERE id = ?", template_id)
        return (row[0], orjson.loads(row[1])) if row else None

    def save(self, template: dict[str, Any]) -> None:
        """Write a changed template."""
        self._ledger.write(
            "UPDATE templates SET body = ? WHERE id = ?",
            orjson.dumps(template).decode(),
            template["id"],
        )

    def delete(self, waba_id: str, name: str, template_id: str | None) -> int:
        """Delete a template in one language (by id) or in all; return how many."""
        return self._ledger.write(
            "DELETE FROM templates WHERE waba_id = ? AND name = ? AND (?3 IS NULL OR id = ?3)",
            waba_id,
            name,
            template_id,
        ).rowcount


def fill(template: dict[str, Any], given: Any) -> dict[str, Any]:
    """Return the content a phone sees; raise GraphError(132000, 132012) if parameters differ."""
    parts = given if isinstance(given, list) else []
    content: dict[str, Any] = {
        "type": "template",
        "template": template["name"],
        "category": template["category"].lower(),
    }
    for kind, key in (("HEADER", "header"), ("BODY", "text"), ("FOOTER", "footer")):
        component = _component(template["components"], kind)
        if component is None or component.get("format", "TEXT") != "TEXT":
            continue
        parameters = _parameters(parts, kind)
        content[key] = _fill_text(str(component.get("text", "")), parameters)
    if template["category"] == "AUTHENTICATION" and not content.get("text"):
        codes = [str(p.get("text", "")) for p in _parameters(parts, "BODY")]
        content["text"] = " ".join(codes)
    header = _component(template["components"], "HEADER")
    if header and header.get("format", "TEXT") != "TEXT":
        parameters = _parameters(parts, "HEADER")
        wanted = str(header["format"]).lower()
        if not parameters or parameters[0].get("type") != wanted:
            raise GraphError(132012, f"header: expected {wanted}")
        content["header_media"] = {"kind": wanted, **parameters[0].get(wanted, {})}
    buttons = (_component(template["components"], "BUTTONS") or {}).get("buttons", [])
    content["buttons"] = [_button(index, button, parts) for index, button in enumerate(buttons)]
    return content


def _button(index: int, button: dict[str, Any], parts: list[Any]) -> dict[str, str]:
    given = next(
        (
            part
            for part in parts
            if isinstance(part, dict)
            and str(part.get("type", "")).upper() == "BUTTON"
            and str(part.get("index")) == str(index)
        ),
        {},
    )
    parameter = (given.get("parameters") or [{}])[0]
    title = str(button.get("text", ""))
    if button.get("type") == "URL":
        url = _VARIABLE.sub(str(parameter.get("text", "")), str(button.get("url", "")))
        return {"title": title, "url": url}
    if button.get("type") == "PHONE_NUMBER":
        return {"title": title, "url": f"tel:{button.get('phone_number', '')}"}
    return {"title": title, "id": str(parameter.get("payload") or title)}


def _fill_text(text: str, parameters: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(_VARIABLE.findall(text)))
    if len(names) != len(parameters):
        raise GraphError(
            132000,
            f"number of localizable_params ({len(parameters)}) does not match the expected "
            f"number of params ({len(names)})",
        )
    by_name = {str(p.get("parameter_name") or i + 1): p for i, p in enumerate(parameters)}

    def value(match: re.Match[str]) -> str:
        parameter = by_name.get(match[1])
        if parameter is None:
            raise GraphError(100, f"parameter {match[1]} is missing")
        inner = parameter.get(str(parameter.get("type")))
        if isinstance(inner, dict):
            return str(inner.get("fallback_value", ""))
        return str(inner or "")

    return _VARIABLE.sub(value, text)


def _component(components: list[dict[str, Any]], kind: str) -> dict[str, Any] | None:
    return next((c for c in components if str(c.get("type", "")).upper() == kind), None)


def _parameters(parts: list[Any], kind: str) -> list[dict[str, Any]]:
    for part in parts:
        if isinstance(part, dict) and str(part.get("type", "")).upper() == kind:
            found = part.get("parameters")
            return [p for p in found if isinstance(p, dict)] if isinstance(found, list) else []
    return []
