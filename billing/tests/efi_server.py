"""A stand-in for Efí's PIX interface: real sockets, real answers, and faults on demand."""

import base64
import contextlib
import json
import re
import secrets
import ssl
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

CLIENT = ("Client_Id_test", "Client_Secret_test")
PNG = "data:image/png;base64,iVBORw0KGgo="


class EfiServer:
    """What Efí knows: charges by txid, webhooks by key, and what it was asked so far."""

    def __init__(self, tls: ssl.SSLContext | None = None):
        self.charges: dict[str, dict] = {}
        self.webhooks: dict[str, str] = {}
        self.tokens: set[str] = set()
        # (method, path) of every request, and the client certificates that were shown.
        self.asked: list[tuple[str, str]] = []
        self.certificates: list[dict] = []
        # method + start of a path -> what goes wrong, once.
        self.faults: dict[tuple[str, str], object] = {}
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        scheme = "https" if tls is not None else "http"
        self.url = f"{scheme}://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "EfiServer":
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    def drop(self, method: str, path: str) -> None:
        """Do the next such request and hang up without an answer, as if somebody died."""
        self.faults[method, path] = "drop"

    def refuse(self, method: str, path: str, status: int, body: dict | str) -> None:
        """Answer the next such request with an error, and do nothing."""
        self.faults[method, path] = (status, body)

    def pay(self, txid: str, amount: str | None = None) -> None:
        """Let the payer pay."""
        with self._lock:
            charge = self.charges[txid]
            charge["status"] = "CONCLUIDA"
            paid = amount or charge["valor"]["original"]
            charge["pix"] = [{"endToEndId": "E1", "txid": txid, "valor": paid}]

    def count(self, method: str, path: str) -> int:
        """Say how often something was asked."""
        return sum(1 for verb, asked in self.asked if verb == method and asked.startswith(path))

    def take_fault(self, method: str, path: str) -> object:
        with self._lock:
            for key in list(self.faults):
                if key[0] == method and path.startswith(key[1]):
                    return self.faults.pop(key)
        return None

    # What it answers ------------------------------------------------------------------------

    def answer(self, method: str, path: str, headers, body: dict) -> tuple[int, dict | None]:
        if (method, path) == ("POST", "/oauth/token"):
            return self._sign_in(headers, body)
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, {"error": "invalid_token", "error_description": "Invalid or inactive token"}
        for verb, pattern, act in (
            ("PUT", r"/v2/cob/([^/]+)", self._put),
            ("GET", r"/v2/cob/([^/]+)", self._get),
            ("PATCH", r"/v2/cob/([^/]+)", self._patch),
            ("GET", r"/v2/loc/(\d+)/qrcode", self._qr_code),
            ("PUT", r"/v2/webhook/([^/]+)", self._set_webhook),
            ("DELETE", r"/v2/webhook/([^/]+)", self._drop_webhook),
        ):
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                with self._lock:
                    return act(unquote(found[1]), body, headers)
        return 404, {"nome": "nao_encontrado", "mensagem": "Recurso nao encontrado"}

    def _sign_in(self, headers, body):
        expected = base64.b64encode(":".join(CLIENT).encode()).decode()
        if headers.get("Authorization") != f"Basic {expected}":
            return 401, {"error": "invalid_client", "error_description": "Invalid credentials"}
        if body != {"grant_type": "client_credentials"}:
            return 400, {"error": "unsupported_grant_type"}
        token = secrets.token_hex(8)
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    def _put(self, txid, body, headers):
        if not re.fullmatch(r"[a-zA-Z0-9]{26,35}", txid):
            return 400, {"nome": "valor_invalido", "mensagem": "txid"}
        if txid in self.charges:
            return 409, {"nome": "txid_duplicado", "mensagem": "Campo txid deve ser unico"}
        payer = body["devedor"]
        assert len(payer.get("cpf") or payer.get("cnpj")) in (11, 14)
        place = {"id": len(self.charges) + 1, "location": f"qrcodes-pix.efi/{txid}"}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        self.charges[txid] = {
            "calendario": {"criacao": now, "expiracao": body["calendario"]["expiracao"]},
            "txid": txid,
            "revisao": 0,
            "loc": {**place, "tipoCob": "cob", "criacao": now},
            "location": place["location"],
            "status": "ATIVA",
            "devedor": payer,
            "valor": body["valor"],
            "chave": body["chave"],
            "solicitacaoPagador": body["solicitacaoPagador"],
            "pixCopiaECola": f"00020101{txid}",
        }
        return 201, self.charges[txid]

    def _get(self, txid, body, headers):
        found = self.charges.get(txid)
        if found is None:
            return 404, {"nome": "nao_encontrado", "mensagem": "Cobranca nao encontrada"}
        return 200, found

    def _patch(self, txid, body, headers):
        found = self.charges.get(txid)
        if found is None:
            return 404, {"nome": "nao_encontrado", "mensagem": "Cobranca nao encontrada"}
        found |= body
        return 200, found

    def _qr_code(self, place, body, headers):
        for charge in self.charges.values():
            if charge["loc"]["id"] == int(place):
                return 200, {"qrcode": charge["pixCopiaECola"], "imagemQrcode": PNG}
        return 404, {"nome": "nao_encontrado", "mensagem": "Location nao encontrada"}

    def _set_webhook(self, key, body, headers):
        if headers.get("x-skip-mtls-checking") != "true":
            return 400, {"nome": "webhook_invalido", "mensagem": "O servidor nao aceita mTLS"}
        self.webhooks[key] = body["webhookUrl"]
        return 201, {"webhookUrl": body["webhookUrl"]}

    def _drop_webhook(self, key, body, headers):
        if self.webhooks.pop(key, None) is None:
            return 404, {"nome": "webhook_nao_encontrado", "mensagem": "Webhook nao encontrado"}
        return 204, None


def _handler(server: EfiServer):
    class Handler(BaseHTTPRequestHandler):
        # Every answer ends its connection, so a hang-up is one too.
        protocol_version = "HTTP/1.0"

        def log_message(self, *parts: object) -> None:
            pass

        def _do(self) -> None:
            if isinstance(self.connection, ssl.SSLSocket):
                server.certificates.append(self.connection.getpeercert())
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else {}
            server.asked.append((self.command, self.path))
            fault = server.take_fault(self.command, self.path)
            if isinstance(fault, tuple):
                status, answer = fault
            else:
                status, answer = server.answer(self.command, self.path, self.headers, body)
            if fault == "drop":
                self.close_connection = True
                return
            text = answer if isinstance(answer, str) else json.dumps(answer)
            data = b"" if answer is None else text.encode()
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _do

    return Handler
