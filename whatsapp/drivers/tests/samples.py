"""Cloud API webhooks as they look on the wire (whatsapp.md §8 and §14)."""

from typing import Any

PHONE_ID = "106540352242922"
WABA_ID = "102290129340398"
STAMP = "1763900000"

CONTACT = {
    "profile": {"name": "Ana", "username": "ana.x"},
    "wa_id": "5511999999999",
    "user_id": "BR.1234567890",
    "parent_user_id": "BR.ENT.99",
}
SHA = "5b4e5c6d" * 8


def message(kind: str, body: Any = None, **fields: Any) -> dict[str, Any]:
    """Return one member of `messages`."""
    found = {
        "from": "5511999999999",
        "from_user_id": "BR.1234567890",
        "id": "wamid.HBgA",
        "timestamp": STAMP,
        "type": kind,
    }
    if body is not None:
        found[kind] = body
    return {key: value for key, value in (found | fields).items() if value is not None}


def value(**lists: Any) -> dict[str, Any]:
    """Return the value of a change."""
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": PHONE_ID},
        "contacts": [CONTACT],
    } | lists


def body(
    *values: dict[str, Any], field: str = "messages", time: int = 1763900009
) -> dict[str, Any]:
    """Return a whole webhook body."""
    changes = [{"field": field, "value": one} for one in values]
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": WABA_ID, "time": time, "changes": changes}],
    }


MEDIA = {"id": "m1", "mime_type": "a/b", "sha256": SHA}
MESSAGES: dict[str, dict[str, Any]] = {
    "text": message("text", {"body": "oi"}, context={"from": "15550001111", "id": "wamid.prev"}),
    "forwarded": message("text", {"body": "oi"}, context={"frequently_forwarded": True}),
    "from an ad": message(
        "text", {"body": "oi"}, referral={"source_type": "ad", "source_id": "1", "ctwa_clid": "c"}
    ),
    "about a product": message(
        "text", {"body": "?"}, context={"referred_product": {"catalog_id": "1"}}
    ),
    "image": message("image", MEDIA | {"caption": "see"}),
    "video": message("video", MEDIA | {"caption": "see"}),
    "audio": message("audio", MEDIA | {"voice": False}),
    "voice": message("audio", MEDIA | {"voice": True}),
    "document": message("document", MEDIA | {"caption": "see", "filename": "a.pdf"}),
    "sticker": message("sticker", MEDIA | {"animated": True}),
    "location": message("location", {"latitude": -23.5, "longitude": -46.6, "name": "SP"}),
    "contacts": message(
        "contacts",
        [
            {
                "name": {"formatted_name": "Bia Souza", "first_name": "Bia"},
                "phones": [
                    {"phone": "+55 11 98888-0000", "type": "CELL", "wa_id": "5511988880000"},
                    {"phone": "+55 11 3333-0000", "type": "WORK"},
                ],
                "emails": [{"email": "bia@acme.test", "type": "WORK"}],
                "org": {"company": "Acme"},
            },
            {"name": {"first_name": "Cai", "last_name": "Lima"}},
        ],
    ),
    "template button": message("button", {"payload": "stop", "text": "Stop"}),
    "button reply": message(
        "interactive", {"type": "button_reply", "button_reply": {"id": "y", "title": "Yes"}}
    ),
    "list reply": message(
        "interactive",
        {"type": "list_reply", "list_reply": {"id": "r1", "title": "Row", "description": "d"}},
    ),
    "form reply": message(
        "interactive",
        {
            "type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"size": "M"}'},
        },
    ),
    "call permission": message(
        "interactive",
        {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}},
    ),
    "order": message(
        "order",
        {
            "catalog_id": "c",
            "text": "please",
            "product_items": [
                {
                    "product_retailer_id": "p",
                    "quantity": 2,
                    "item_price": 9.5,
                    "currency": "BRL",
                }
            ],
        },
    ),
    "welcome": message("request_welcome"),
    "unsupported": message(
        "unsupported", {"type": "poll"}, errors=[{"code": 131051, "title": "Unsupported"}]
    ),
    "identity changed": message(
        "system",
        {"type": "customer_identity_changed", "body": "New device", "identity": {"hash": "h"}},
    ),
}

STATUS: dict[str, Any] = {
    "id": "wamid.OUT",
    "status": "delivered",
    "timestamp": STAMP,
    "recipient_id": "5511999999999",
    "recipient_user_id": "BR.1234567890",
    "biz_opaque_callback_data": "ob:8f3",
    "conversation": {"id": "c", "origin": {"type": "utility"}},
    "pricing": {
        "billable": True,
        "pricing_model": "PMP",
        "type": "regular",
        "category": "utility",
    },
}
FAILED_STATUS = STATUS | {
    "status": "failed",
    "errors": [
        {
            "code": 131047,
            "title": "Re-engagement message",
            "message": "Re-engagement message",
            "error_data": {"details": "More than 24 hours have passed"},
        }
    ],
}

# Whole fields that tell news of the account.
NOTICES: dict[str, dict[str, Any]] = {
    "message_template_status_update": {
        "event": "APPROVED",
        "message_template_id": 594425479261596,
        "message_template_name": "order_update",
        "message_template_language": "pt_BR",
        "reason": "NONE",
    },
    "template_category_update": {"new_category": "MARKETING", "previous_category": "UTILITY"},
    "message_template_quality_update": {"previous_quality_score": "GREEN"},
    "message_template_components_update": {"message_template_element": "text"},
    "phone_number_quality_update": {
        "display_phone_number": "15550001111",
        "event": "THROUGHPUT_UPGRADE",
        "current_limit": "TIER_UNLIMITED",
    },
    "account_update": {"event": "VERIFIED_ACCOUNT"},
    "smb_app_state_sync": {
        "state_sync": [
            {"type": "contact", "action": "add", "contact": {"full_name": "Ana"}},
            {"type": "contact", "action": "remove", "contact": {"full_name": "Bia"}},
        ]
    },
}
