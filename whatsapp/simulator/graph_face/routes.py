"""The routes of the Graph API, and the control API's part about cloud numbers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from whatsapp.simulator.errors import Refusal
from whatsapp.simulator.http import bearer_token, file_response, json_response, read_json
from whatsapp.simulator.network import Network

from .accounts import Accounts, CloudNumber, Knobs
from .errors import GraphError
from .messages import Sender
from .templates import Templates
from .webhooks import Webhooks

TEMPLATE_STATES = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "ARCHIVED")
PROFILE_FIELDS = (
    "about", "address", "description", "email", "profile_picture_url", "websites", "vertical",
)  # fmt: skip
SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging", "business_management"]


class GraphFace:
    """Meta's side of the Cloud API."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.accounts = Accounts(network)
        self.webhooks = Webhooks(network, self.accounts)
        self.templates = Templates(network.ledger)
        self._sender = Sender(network, self.accounts, self.webhooks, self.templates)
        network.cloud = self.webhooks

    def routes(self) -> list[web.RouteDef]:
        """The routes of this face."""
        graph = r"/graph/{version:v\d+\.\d+}"
        routes = [
            web.get("/api/cloud/numbers", self.list_numbers),
            web.post("/api/cloud/numbers", self.add_number),
            web.get("/api/cloud/knobs", self.get_knobs),
            web.put("/api/cloud/knobs", self.put_knobs),
            web.post("/api/cloud/templates/{id}/status", self.set_template_status),
            web.post("/api/cloud/numbers/{number}/webhooks", self.post_webhook),
            web.get("/graph/media/{token}", self._graph(self.media_bytes)),
        ]
        for prefix in (graph, "/graph"):
            routes += [
                web.get(prefix + "/oauth/access_token", self._graph(self.access_token)),
                web.get(prefix + "/debug_token", self._graph(self.debug_token)),
                web.post(prefix + "/{app}/subscriptions", self._graph(self.app_webhook)),
                web.get(prefix + "/{waba}/phone_numbers", self._graph(self.phone_numbers)),
                web.get(prefix + "/{waba}/subscribed_apps", self._graph(self.subscribed)),
                web.post(prefix + "/{waba}/subscribed_apps", self._graph(self.subscribe)),
                web.delete(prefix + "/{waba}/subscribed_apps", self._graph(self.unsubscribe)),
                web.get(prefix + "/{waba}/message_templates", self._graph(self.list_templates)),
                web.post(prefix + "/{waba}/message_templates", self._graph(self.add_template)),
                web.delete(prefix + "/{waba}/message_templates", self._graph(self.del_template)),
                web.post(prefix + "/{id}/unpause", self._graph(self.unpause_template)),
                web.post(prefix + "/{phone}/messages", self._graph(self.messages)),
                web.post(prefix + "/{phone}/marketing_messages", self._graph(self.messages)),
                web.post(prefix + "/{phone}/media", self._graph(self.upload)),
                web.post(prefix + "/{phone}/register", self._graph(self.register)),
                web.post(prefix + "/{phone}/deregister", self._graph(self.deregister)),
                web.post(prefix + "/{phone}/request_code", self._graph(self.acknowledge)),
                web.post(prefix + "/{phone}/verify_code", self._graph(self.acknowledge)),
                web.get(prefix + "/{phone}/block_users", self._graph(self.blocked)),
                web.post(prefix + "/{phone}/block_users", self._graph(self.block)),
                web.delete(prefix + "/{phone}/block_users", self._graph(self.block)),
                web.get(
                    prefix + "/{phone}/whatsapp_business_profile", self._graph(self.get_profile)
                ),
                web.post(
                    prefix + "/{phone}/whatsapp_business_profile", self._graph(self.set_profile)
                ),
                web.get(prefix + "/{id}", self._graph(self.node)),
                web.post(prefix + "/{id}", self._graph(self.change_node)),
                web.delete(prefix + "/{id}", self._graph(self.delete_node)),
            ]
        return routes

    @staticmethod
    def _graph(handler: Any) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                result: web.StreamResponse = await handler(request)
                return result
            except GraphError as error:
                return json_response(error.as_json(), error.status)
            except Refusal as refusal:
                invalid = GraphError(100, refusal.reason)
                return json_response(invalid.as_json(), invalid.status)

        return answer

    # Control ------------------------------------------------------------------------------

    async def list_numbers(self, request: web.Request) -> web.Response:
        """Every cloud number with what a connection needs."""
        return json_response([c.as_json() for c in self.accounts.numbers.values()])

    async def add_number(self, request: web.Request) -> web.Response:
        """Create a cloud number, or change a known one."""
        cloud, new = self.accounts.add(await read_json(request))
        await self._network.ledger.durable()
        self.webhooks.queue.wake(cloud.number)
        return json_response(cloud.as_json(), 201 if new else 200)

    async def get_knobs(self, request: web.Request) -> web.Response:
        """The knobs in force, and how many webhooks wait."""
        return json_response(
            self.accounts.knobs.as_json() | {"waiting": self.webhooks.queue.waiting()}
        )

    async def put_knobs(self, request: web.Request) -> web.Response:
        """Set the knobs; what is not named is at its default."""
        self.accounts.set_knobs(Knobs.from_json(await read_json(request)))
        await self._network.ledger.durable()
        self.webhooks.queue.wake()
        return json_response(self.accounts.knobs.as_json())

    async def set_template_status(self, request: web.Request) -> web.Response:
        """Approve, pause or reject a template, as Meta's reviewers do, and tell its business."""
        found = self.templates.get(request.match_info["id"])
        if found is None:
            raise Refusal("not_found", "no such template")
        waba_id, template = found
        body = await read_json(request)
        status = body.get("status") if isinstance(body, dict) else None
        if status not in TEMPLATE_STATES:
            raise Refusal("bad_request", f"status must be one of {', '.join(TEMPLATE_STATES)}")
        template["status"] = status
        reason = body.get("reason") or "NONE"
        template["rejected_reason"] = reason
        self.templates.save(template)
        self._tell_waba(
            waba_id,
            "message_template_status_update",
            {
                "event": status,
                "message_template_id": int(template["id"]),
                "message_template_name": template["name"],
                "message_template_language": template["language"],
                "message_template_category": template["category"],
                "reason": reason,
            },
        )
        await self._network.ledger.durable()
        return json_response(template)

    async def post_webhook(self, request: web.Request) -> web.Response:
        """Queue any change for a number's business: `{field, value}`, posted as given."""
        number = self._network.directory.resolve(request.match_info["number"])
        cloud = self.accounts.numbers.get(number or "")
        if cloud is None:
            raise Refusal("not_found", "no such cloud number")
        body = await read_json(request)
        if not isinstance(body, dict) or not isinstance(body.get("field"), str):
            raise Refusal("bad_request", "field must be a text")
        if not isinstance(body.get("value"), dict):
            raise Refusal("bad_request", "value must be an object")
        self.webhooks.queue.add(cloud, body["value"], field=body["field"])
        await self._network.ledger.durable()
        return json_response({"ok": True}, 201)

    def _tell_waba(self, waba_id: str, field: str, value: dict[str, Any]) -> None:
        for cloud in self.accounts.of_waba(waba_id)[:1]:
            self.webhooks.queue.add(cloud, value, field=field)

    # Who is asking ------------------------------------------------------------------------

    def _numbers(self, request: web.Request) -> list[CloudNumber]:
        token = bearer_token(request)
        if token is None:
            token = request.query.get("access_token", "").strip()
        return self.accounts.of_token(token)

    def _phone(self, request: web.Request) -> CloudNumber:
        phone_id = request.match_info.get("phone") or request.match_info["id"]
        for cloud in self._numbers(request):
            if cloud.phone_id == phone_id:
                return cloud
        raise _unknown_object(phone_id)

    def _waba(self, request: web.Request) -> list[CloudNumber]:
        waba_id = request.match_info["waba"]
        found = [c for c in self._numbers(request) if c.waba_id == waba_id]
        if not found:
            raise _unknown_object(waba_id)
        return found

    async def access_token(self, request: web.Request) -> web.Response:
        """Exchange an embedded sign-up code for a token."""
        code = request.query.get("code", "")
        for cloud in self.accounts.numbers.values():
            if (
                hmac.compare_digest(cloud.signup_code.encode(), code.encode())
                and cloud.app_id == request.query.get("client_id")
                and cloud.app_secret == request.query.get("client_secret")
            ):
                return json_response({"access_token": cloud.token, "token_type": "bearer"})
        raise GraphError(100, "Invalid verification code format.", 36008)

    async def debug_token(self, request: web.Request) -> web.Response:
        """Say what a token is good for."""
        self._app(request.query.get("access_token", ""))
        numbers = self.accounts.of_token(request.query.get("input_token", ""))
        wabas = sorted({cloud.waba_id for cloud in numbers})
        return json_response(
            {
                "data": {
                    "app_id": numbers[0].app_id,
                    "type": "SYSTEM_USER",
                    "is_valid": True,
                    "expires_at": 0,
                    "scopes": SCOPES,
                    "granular_scopes": [
                        {"scope": scope, "target_ids": wabas} for scope in SCOPES[:2]
                    ],
                }
            }
        )

    def _app(self, app_token: str) -> list[CloudNumber]:
        app_id, _, secret = app_token.partition("|")
        found = [c for c in self.accounts.of_app(app_id) if c.app_secret == secret]
        if not found:
            raise GraphError(190, "Invalid app access token")
        return found

    # Set-up -------------------------------------------------------------------------------

    async def app_webhook(self, request: web.Request) -> web.Response:
        """Set the callback address of an app, after its handshake."""
        wish = await _parameters(request)
        numbers = self._app(str(wish.get("access_token", "")))
        if numbers[0].app_id != request.match_info["app"]:
            raise _unknown_object(request.match_info["app"])
        url, token = str(wish.get("callback_url", "")), str(wish.get("verify_token", ""))
        await self._verify(url, token)
        for cloud in numbers:
            cloud.callback_url, cloud.verify_token, cloud.verified_url = url, token, url
            self.accounts.save(cloud)
        return await self._success()

    async def _verify(self, url: str, token: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise GraphError(100, "the callback address must be an http address")
        if not await self.webhooks.queue.handshake(url, token):
            raise GraphError(2200, "The callback did not answer the challenge")

    async def _success(self) -> web.Response:
        await self._network.ledger.durable()
        self.webhooks.queue.wake()
        return json_response({"success": True})

    async def phone_numbers(self, request: web.Request) -> web.Response:
        """The numbers of an account."""
        data = [_only(c.as_graph(), request) for c in self._waba(request)]
        return json_response({"data": data, "paging": {"cursors": {"before": "a", "after": "z"}}})

    async def subscribed(self, request: web.Request) -> web.Response:
        """The apps that hear of an account."""
        apps = {c.app_id for c in self._waba(request) if c.subscribed}
        data = [{"whatsapp_business_api_data": {"id": app, "name": "App"}} for app in sorted(apps)]
        return json_response({"data": data})

    async def subscribe(self, request: web.Request) -> web.Response:
        """Hear of an account; with an override address only once subscribed."""
        numbers = self._waba(request)
        wish = await _parameters(request)
        url = str(wish.get("override_callback_uri") or "")
        if url:
            if not all(cloud.subscribed for cloud in numbers):
                raise GraphError(100, "Before override the current callback uri, your app must be "
                                      "subscribed to receive messages")  # fmt: skip
            await self._verify(url, str(wish.get("verify_token", "")))
        for cloud in numbers:
            cloud.subscribed = True
            if url:
                cloud.waba_override_url = cloud.verified_url = url
                cloud.waba_override_token = str(wish.get("verify_token", ""))
            self.accounts.save(cloud)
        return await self._success()

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """Hear no more of an account."""
        for cloud in self._waba(request):
            cloud.subscribed = False
            cloud.waba_override_url = cloud.waba_override_token = ""
            self.accounts.save(cloud)
        return await self._success()

    async def register(self, request: web.Request) -> web.Response:
        """Put a number on the Cloud API."""
        cloud = self._phone(request)
        pin = (await _parameters(request)).get("pin")
        if not isinstance(pin, str) or not pin.isdigit() or len(pin) != 6:
            raise GraphError(100, "pin must be 6 digits")
        if cloud.pin and cloud.pin != pin:
            raise GraphError(100, "Two-step verification PIN mismatch", 133005)
        cloud.pin, cloud.registered = pin, True
        self.accounts.save(cloud)
        return await self._success()

    async def deregister(self, request: web.Request) -> web.Response:
        """Take a number off the Cloud API."""
        cloud = self._phone(request)
        cloud.registered = False
        self.accounts.save(cloud)
        return await self._success()

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Request and verify a number's code: any code is right."""
        self._phone(request)
        return await self._success()

    async def get_profile(self, request: web.Request) -> web.Response:
        """A number's business profile."""
        cloud = self._phone(request)
        return json_response({"data": [_only(cloud.profile, request) | _PRODUCT]})

    async def set_profile(self, request: web.Request) -> web.Response:
        """Change a number's business profile."""
        cloud = self._phone(request)
        wish = await _parameters(request)
        cloud.profile |= {key: wish[key] for key in PROFILE_FIELDS if key in wish}
        self.accounts.save(cloud)
        return await self._success()

    async def blocked(self, request: web.Request) -> web.Response:
        """Whom a number blocks."""
        users = [_PRODUCT | {"wa_id": number} for number in self._phone(request).blocked]
        return json_response({"data": users})

    async def block(self, request: web.Request) -> web.Response:
        """Block users, or unblock them."""
        cloud = self._phone(request)
        users = (await _parameters(request)).get("block_users")
        if not isinstance(users, list) or not users:
            raise GraphError(100, "block_users is missing")
        done, failed = [], []
        for user in users:
            given = user.get("user") or user.get("user_id") if isinstance(user, dict) else None
            number = self._network.directory.resolve(given)
            if number is None:
                failed.append({"input": given, "errors": [{"code": 139103}]})
                continue
            done.append({"input": given, "wa_id": number})
            if request.method == "POST" and number not in cloud.blocked:
                cloud.blocked.append(number)
            elif request.method == "DELETE" and number in cloud.blocked:
                cloud.blocked.remove(number)
        self.accounts.save(cloud)
        await self._network.ledger.durable()
        key = "added_users" if request.method == "POST" else "removed_users"
        return json_response(_PRODUCT | {"block_users": {key: done, "failed_users": failed}})

    # Templates ----------------------------------------------------------------------------

    async def list_templates(self, request: web.Request) -> web.Response:
        """One page of an account's templates."""
        waba_id = self._waba(request)[0].waba_id
        templates = self.templates.all(waba_id, request.query.get("name"))
        if wanted := request.query.get("status"):
            templates = [t for t in templates if t["status"] == wanted]
        limit = _whole(request.query.get("limit"), 25)
        start = _whole(_decode(request.query.get("after")), 0)
        page = templates[start : start + limit]
        paging: dict[str, Any] = {
            "cursors": {"before": _encode(start), "after": _encode(start + len(page))}
        }
        if start + limit < len(templates):
            paging["next"] = str(
                request.url.update_query(after=_encode(start + limit), limit=str(limit))
            )
        return json_response({"data": [_only(t, request) for t in page], "paging": paging})

    async def add_template(self, request: web.Request) -> web.Response:
        """Hand in a template; the knob approveTemplates decides its fate."""
        waba_id = self._waba(request)[0].waba_id
        wish = await _parameters(request)
        template = self.templates.create(
            waba_id, wish, approve=self.accounts.knobs.approveTemplates
        )
        await self._network.ledger.durable()
        return json_response({key: template[key] for key in ("id", "status", "category")})

    async def del_template(self, request: web.Request) -> web.Response:
        """Delete a template, in one language with `hsm_id`."""
        waba_id = self._waba(request)[0].waba_id
        name = request.query.get("name", "")
        if not self.templates.delete(waba_id, name, request.query.get("hsm_id")):
            raise GraphError(100, f"there is no template {name}", 2593002)
        return await self._success()

    async def unpause_template(self, request: web.Request) -> web.Response:
        """Take a paused template back into use."""
        template = self._template(request)
        if template["status"] != "PAUSED":
            raise GraphError(100, "this template is not paused")
        template["status"] = "APPROVED"
        self.templates.save(template)
        return await self._success()

    def _template(self, request: web.Request) -> dict[str, Any]:
        template_id = request.match_info["id"]
        found = self.templates.get(template_id)
        if found is None or found[0] not in {c.waba_id for c in self._numbers(request)}:
            raise _unknown_object(template_id)
        return found[1]

    # Messages and media -------------------------------------------------------------------

    async def messages(self, request: web.Request) -> web.Response:
        """Send, mark read, show typing."""
        cloud = self._phone(request)
        faults = self._network.faults
        if faults.strikes(faults.error_rate):
            raise GraphError(131000)
        answer, is_message = await self._sender.send(cloud, await _parameters(request))
        await self._network.ledger.durable()
        lost = max(faults.drop_ack_rate, self.accounts.knobs.dropResponseRate)
        if is_message and faults.strikes(lost) and request.transport:
            # Accepted, and nobody will ever know: the connection breaks before the answer.
            request.transport.abort()
        return json_response(answer)

    async def upload(self, request: web.Request) -> web.Response:
        """Store a file (multipart) for sending."""
        cloud = self._phone(request)
        if not request.content_type.startswith("multipart/"):
            raise GraphError(100, "the body must be multipart/form-data")
        media = None
        fields: dict[str, str] = {}
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise GraphError(100, "nested multipart bodies are not read")
            if part.name != "file":
                fields[part.name or ""] = await part.text()
                continue
            mimetype = part.headers.get("Content-Type", "application/octet-stream")
            media = await self._network.media.receive(
                _chunks(part), mimetype, part.filename, cloud.waba_id
            )
        if media is None or fields.get("messaging_product") != "whatsapp":
            raise GraphError(100, "file and messaging_product are required")
        if media.mimetype == "audio/opus":
            raise GraphError(131053, "audio/opus is not supported")
        await self._network.ledger.durable()
        return json_response({"id": media.id})

    async def media_bytes(self, request: web.Request) -> web.StreamResponse:
        """The bytes behind a media address, while it lives, for those who may ask."""
        self._numbers(request)
        media_id, expires, seal = (*request.match_info["token"].split("."), "", "")[:3]
        right = self._seal(media_id, expires)
        if not hmac.compare_digest(seal, right) or int(expires) < time.time():
            return json_response(GraphError(100, "this address has expired").as_json(), status=404)
        return file_response(self._network, media_id)

    def _seal(self, media_id: str, expires: str) -> str:
        secret = self._network.ledger.get_meta("media_secret")
        return hmac.new(
            str(secret).encode(), f"{media_id}.{expires}".encode(), hashlib.sha256
        ).hexdigest()[:32]

    # Nodes --------------------------------------------------------------------------------

    async def node(self, request: web.Request) -> web.Response:
        """A phone number, an account, a template or a file."""
        node_id = request.match_info["id"]
        numbers = self._numbers(request)
        for cloud in numbers:
            if cloud.phone_id == node_id:
                return json_response(_only(cloud.as_graph(), request))
            if cloud.waba_id == node_id:
                return json_response({"id": node_id, "name": cloud.name, "currency": "BRL"})
        if self.templates.get(node_id):
            return json_response(_only(self._template(request), request))
        try:
            media = self._network.media.get(node_id)
        except Refusal as refusal:
            raise _unknown_object(node_id) from refusal
        expires = str(int(time.time() + self.accounts.knobs.mediaUrlSeconds))
        token = f"{media.id}.{expires}.{self._seal(media.id, expires)}"
        return json_response(
            _PRODUCT
            | {
                "url": str(request.url.origin() / "graph" / "media" / token),
                "mime_type": media.mimetype,
                "sha256": media.sha256,
                "file_size": media.size,
                "id": media.id,
            }
        )

    async def change_node(self, request: web.Request) -> web.Response:
        """Change a number (webhook override, PIN) or a template."""
        node_id = request.match_info["id"]
        wish = await _parameters(request)
        if self.templates.get(node_id):
            template = self._template(request)
            for key in ("category", "components", "message_send_ttl_seconds"):
                if key in wish:
                    template[key] = wish[key]
            self.templates.save(template)
            return await self._success()
        cloud = self._phone(request)
        override = wish.get("webhook_configuration")
        if isinstance(override, dict):
            url = str(override.get("override_callback_uri") or "")
            token = str(override.get("verify_token", ""))
            if url:
                await self._verify(url, token)
                cloud.verified_url = url
            cloud.override_url, cloud.override_token = url, token if url else ""
        if "pin" in wish:
            cloud.pin = str(wish["pin"])
        self.accounts.save(cloud)
        return await self._success()

    async def delete_node(self, request: web.Request) -> web.Response:
        """Delete an uploaded file."""
        self._numbers(request)
        try:
            self._network.media.delete(request.match_info["id"])
        except Refusal as refusal:
            raise _unknown_object(request.match_info["id"]) from refusal
        return await self._success()


_PRODUCT = {"messaging_product": "whatsapp"}


def _unknown_object(node_id: str) -> GraphError:
    return GraphError(
        100, f"Object with ID '{node_id}' does not exist, or this token may not see it", 33
    )


def _only(node: dict[str, Any], request: web.Request) -> dict[str, Any]:
    fields = request.query.get("fields")
    if not fields:
        return node
    wanted = {field.strip() for field in fields.split(",")} | {"id"}
    return {key: value for key, value in node.items() if key in wanted}


async def _chunks(part: BodyPartReader) -> Any:
    while chunk := await part.read_chunk(65_536):
        yield chunk


async def _parameters(request: web.Request) -> dict[str, Any]:
    """Read a call's parameters: query and JSON or form body, as Graph takes either."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return found | {key: str(value) for key, value in (await request.post()).items()}
    body = await request.read()
    if not body:
        return found
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise GraphError(100, "The body is not JSON") from error
    if not isinstance(data, dict):
        raise GraphError(100, "The body must be an object")
    return found | data


def _whole(value: Any, default: int) -> int:
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) < 9 else default


def _encode(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _decode(cursor: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(cursor or "").decode()
    except ValueError:
        return ""
