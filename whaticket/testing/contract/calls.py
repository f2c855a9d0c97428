"""The routes as data, and one good call of each: who asks, with which body and which question."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

# What stands for a parameter: the name of a row in the world, by the parameter or the first word.
_PARAMETERS = {
    "userId": "user",
    "ticketId": "ticket",
    "uuid": "uuid",
    "tagId": "label",
    "messageId": "message",
    "whatsappId": "connection",
    "contactId": "contact",
    "number": "number",
    "queueId": "queue",
    "fileId": "files",
    "fileListId": "files",
    "Invoiceid": "invoice",
    "companyId": "company",
    "email": "email",
}
_ROWS = {
    "companies": "company",
    "plans": "plan",
    "invoices": "invoice",
    "ticket-notes": "note",
    "quick-messages": "quick",
    "announcements": "notice",
    "helps": "help",
    "chats": "chat",
    "partners": "partner",
}

_SETTINGS = {"setting": "userCreation", "settings": "userRating", "public-settings": "appName"}


@dataclass(frozen=True, slots=True)
class ContractRoute:
    """One line of routes.txt: where, how, and for whom."""

    section: str
    method: str
    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names_a_row(self) -> bool:
        """Whether the path names a row of a company (settings are named, not numbered)."""
        return ":" in self.path and not self.path.endswith((":settingKey", ":number"))

    def address(self, ids: Mapping[str, Any]) -> str:
        """Fill the path's parameters with rows of a company."""
        first = self.path.removeprefix("/api").split("/")[1]

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name == "settingKey":
                return _SETTINGS[first]
            if name == "id":
                name = _ROWS[first]
                is_uuid = str(self) == "GET /chats/:id"
                return str(ids["chat_uuid" if is_uuid else name])
            if first == "companiesEmail":
                return str(ids["company_email"])
            return str(ids[_PARAMETERS[name]])

        return re.sub(r":(\w+)", value, self.path)


def _read() -> list[ContractRoute]:
    found, section = [], ""
    for line in (FOLDER / "routes.txt").read_text().splitlines():
        if line.startswith("# §"):
            section = line.removeprefix("# ").split()[0]
        fact = line.partition("#")[0].split()
        if fact:
            found.append(ContractRoute(section, *fact))
    return found


ROUTES = _read()
BY_NAME = {str(route): route for route in ROUTES}
# Sections that share a test, so that few worlds have to be made.
PARTS = [
    ["§2", "§3", "§4"],
    ["§5", "§6", "§23"],
    ["§7", "§8"],
    ["§9", "§10", "§11"],
    ["§15", "§18", "§19"],
    ["§20", "§21", "§22", "§26"],
]


@dataclass(frozen=True, slots=True)
class Good:
    """What a call must bring to succeed; `"{queue}"` stands for the id of a row of the world."""

    body: Mapping[str, Any] | None = None
    query: str = ""
    files: tuple[str, ...] = ()
    file_type: str = "png"


_PERIOD = "dateStart=2020-01-01&dateEnd=2099-12-31"
_DAYS = "initialDate=2020-01-01&finalDate=2099-12-31"
_RANGE = {"companyId": "{company}", "startDate": "{today}", "lastDate": "{today}"}
_NUMBER = "5511944443333"
_PARTNER = {
    "name": "Reseller",
    "phone": "551100",
    "email": "sales@reseller.example",
    "document": "12345678901",
    "commission": 10,
    "typeCommission": "percent",
}
_PLAN = {
    "name": "Silver",
    "users": 1,
    "connections": 1,
    "queues": 1,
    "amount": "10",
    "recurrence": "MENSAL",
}
_COMPANY = {
    "name": "New",
    "email": "new@new.example",
    "password": "secret",
    "document": "12345678901",
    "planId": "{plan}",
}
_NOTICE = {"title": "News", "text": "Something new"}
_HELP = {"title": "First steps", "description": "How to begin"}
_TAG = {"name": "Important", "color": "#112233"}
_NOTE = {"note": "Calls back", "contactId": "{contact}", "ticketId": "{ticket}"}
_QUEUE = {"name": "Third", "color": "#010203", "fileListId": "{files}"}
_USER = {
    "email": "one@new.example",
    "password": "secret",
    "name": "New",
    "profile": "user",
    "queueIds": ["{queue}"],
    "whatsappId": "{connection}",
}
_CONNECTION = {"name": "Second", "queueIds": ["{queue}"], "sendIdQueue": "{queue}"}
_QUICK = {"shortcode": "bye", "message": "Goodbye"}
_FILES = {"name": "Prices", "message": "Here", "options": [{"name": "list"}]}
_CHAT = {"title": "Lunch", "users": [{"id": "{user}"}]}

GOOD = {
    "POST /auth/signup": Good(
        {
            "companyName": "Fresh",
            "name": "Fred",
            "email": "fred@fresh.example",
            "password": "secret",
            "phone": "5511",
            "planId": "{plan}",
        }
    ),
    "POST /auth/login": Good({"email": "rui@acme.example", "password": "correct horse"}),
    "POST /auth/reset-password": Good({"token": "{link}", "password": "brand new"}),
    "POST /auth/password-recovery": Good({"email": "rui@acme.example"}),
    "POST /users": Good(_USER),
    "PUT /users/:userId": Good(
        {"name": "Ana A", "queueIds": ["{queue}"], "whatsappId": "{connection}"}
    ),
    "POST /users/:userId/media-upload": Good({"typeArch": "user"}, files=("profileImage",)),
    "PUT /users/toggleChangeWidht/:userId": Good({"defaultTicketsManagerWidth": 400}),
    "POST /companies": Good(_COMPANY),
    "PUT /companies/:id": Good({"phone": "551100"}),
    "PUT /companies/:id/schedules": Good({"schedules": []}),
    "POST /api/companies": Good(_COMPANY),
    "PUT /api/companies/:id": Good({"phone": "551100"}),
    "PUT /api/companies/:id/schedules": Good({"schedules": []}),
    "POST /plans": Good(_PLAN),
    "PUT /plans/:id": Good({"users": 7}),
    "POST /api/plans": Good(_PLAN),
    "PUT /api/plans/:id": Good({"users": 7}),
    "PUT /invoices/:id": Good({"status": "paid"}),
    "POST /api/invoices": Good({"companyId": "{company}", "dueDate": "2026-03-10", "value": 10}),
    "PUT /api/invoices/:id": Good({"status": "paid"}),
    "POST /subscription": Good(
        {"invoiceId": "{invoice}", "price": 1, "users": 1, "plan": '{"amount": 49.9}'}
    ),
    "POST /subscription/create/webhook": Good({}),
    "DELETE /subscription/create/webhook": Good({"chave": "pix@platform.example"}),
    "POST /subscription/return/c5c0f5a4-efe2-447f-8c73-55f8c0f07284/pix": Good(
        {"pix": [{"txid": "{txid}"}]}, query="hmac={proof}"
    ),
    "PUT /gerencianet-config": Good({"sandbox": True}),
    "GET /tickets": Good(query="showAll=true&status=open&queueIds=[{queue}]"),
    "GET /ticket/kanban": Good(query="showAll=true"),
    "POST /tickets": Good(
        {
            "contactId": "{other}",
            "userId": "{user}",
            "queueId": "{queue}",
            "whatsappId": "{connection}",
        }
    ),
    "PUT /tickets/:ticketId": Good({"userId": "{user}", "queueId": "{queue}", "status": "open"}),
    "POST /tickets/closeAll": Good({"status": "open"}),
    "POST /ticket-notes": Good(_NOTE),
    "PUT /ticket-notes/:id": Good({"note": "Calls back"}),
    "POST /ticket-notes/:id": Good({"note": "Calls back"}),
    "POST /messages/:ticketId": Good({"body": "Hello", "quotedMsg": {"id": "{said}"}}),
    "POST /messages/edit/:messageId": Good({"body": "Hello again"}),
    "GET /messages-allMe": Good(query=f"fromMe=true&{_PERIOD}"),
    "POST /message/forward": Good({"messageId": "{said}", "contactId": "{other}"}),
    "POST /api/messages/send": Good(
        {
            "number": _NUMBER,
            "body": "Hello",
            "userId": "{user}",
            "queueId": "{queue}",
            "whatsappId": "{connection}",
        }
    ),
    "POST /api/messages/send/linkImage": Good(
        {"number": _NUMBER, "url": "{picture}", "whatsappId": "{connection}"}
    ),
    "POST /api/messages/checkNumber": Good({"number": _NUMBER}),
    "GET /api/messagesRange": Good(_RANGE),
    "POST /whatsapp/": Good(_CONNECTION),
    "PUT /whatsapp/:whatsappId": Good(_CONNECTION),
    "POST /whatsapp/:whatsappId/media-upload": Good({}, files=("file",)),
    "PUT /whatsapp-admin/:whatsappId": Good(_CONNECTION),
    "POST /whatsappsession/:whatsappId/phone": Good({"phoneNumber": _NUMBER}),
    "POST /whatsappsession/:whatsappId/verify": Good({"code": "ABCD1234"}),
    "GET /contacts/list": Good(query="name=SECRET"),
    "POST /contacts": Good({"name": "Nora", "number": _NUMBER, "wallets": ["{user}"]}),
    "PUT /contacts/:contactId": Good({"name": "Nora", "wallets": ["{user}"]}),
    "PUT /contacts/block/:contactId": Good({"active": False}),
    "PUT /contact-wallet/:contactId": Good({"wallets": ["{user}"]}),
    "POST /contacts/upload": Good({}, files=("file",), file_type="csv"),
    "POST /contactsImport": Good({"name": "Nora", "number": _NUMBER, "tags": "a,b"}),
    "GET /api/contacts": Good({"companyId": "{company}"}),
    "GET /api/contacts-count": Good({"companyId": "{company}"}),
    "POST /tags": Good(_TAG | {"kanban": 1, "nextLaneId": "{lane}", "rollbackLaneId": "{lane}"}),
    "PUT /tags/:tagId": Good(_TAG),
    "POST /tags/sync": Good({"contactId": "{contact}", "tags": [{"id": "{label}"}]}),
    "POST /queue": Good(_QUEUE),
    "PUT /queue/:queueId": Good(_QUEUE),
    "POST /quick-messages": Good(_QUICK),
    "PUT /quick-messages/:id": Good(_QUICK),
    "POST /quick-messages/:id/media-upload": Good({"typeArch": "quickMessage"}, files=("file",)),
    "POST /files": Good(_FILES),
    "PUT /files/:fileId": Good(_FILES),
    "POST /files/uploadList/:fileListId": Good(
        {"id": "{option}", "name": "photo.png", "mediaType": "image/png", "typeArch": "fileList"},
        files=("files",),
    ),
    "POST /announcements": Good(_NOTICE),
    "PUT /announcements/:id": Good(_NOTICE),
    "POST /announcements/:id/media-upload": Good({"typeArch": "announcements"}, files=("file",)),
    "POST /helps": Good(_HELP),
    "PUT /helps/:id": Good(_HELP),
    "POST /api/helps": Good(_HELP),
    "PUT /api/helps/:id": Good(_HELP),
    "POST /version": Good({"version": "9.9"}),
    "POST /chats/:id/messages": Good({"message": "Hi"}),
    "POST /chats/:id/read": Good({"userId": "{user}"}),
    "POST /chats": Good(_CHAT),
    "PUT /chats/:id": Good(_CHAT),
    "PUT /settings/:settingKey": Good({"value": "enabled"}),
    "PUT /setting/:settingKey": Good({"value": "enabled"}),
    "GET /public-settings/:settingKey": Good(query="token=public"),
    "POST /settings-whitelabel/logo": Good({"mode": "Light", "typeArch": "logo"}, files=("file",)),
    "POST /settings/privateFile": Good({"settingKey": "certificate"}, files=("file",)),
    "GET /companySettingOne/": Good(query="column=userRating"),
    "PUT /companySettings/": Good({"column": "userRating", "data": "enabled"}),
    "PUT /login-config": Good({"title": "Welcome"}),
    "POST /login-config/upload-image": Good({"type": "logo", "typeArch": "login"}, files=("file",)),
    "PUT /whitelabel-config": Good({"sidebarBg": "#000000"}),
    "GET /dashboard": Good(query="days=30"),
    "GET /dashboard/ticketsUsers": Good(query=_DAYS),
    "GET /dashboard/ticketsDay": Good(query=_DAYS),
    "GET /dashboard/moments": Good(query=_PERIOD),
    "GET /usersMoments": Good(query=_PERIOD),
    "POST /api/partners": Good(_PARTNER),
    "PUT /api/partners/:id": Good(_PARTNER),
}
PLACE = re.compile(r"\{(\w+)\}")


def filled(value: Any, ids: Mapping[str, Any]) -> Any:
    """Put the rows of a world where a call names them."""
    if isinstance(value, str):
        whole = PLACE.fullmatch(value)
        if whole:
            return ids[whole[1]]
        return PLACE.sub(lambda match: str(ids[match[1]]), value)
    if isinstance(value, Mapping):
        return {key: filled(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, ids) for item in value]
    return value
