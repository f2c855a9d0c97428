"""The examples of docs/api.md are true: they are run as they stand."""

import functools
import json
import re
import shlex
from pathlib import Path

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver

from messaging.models import Message
from whaticket.exceptions import DomainError
from whatsapp.models import ApiToken
from whatsapp.services.external import send
from whatsapp.services.numbers import CheckedNumber
from whatsapp.tests.external import key_of, program
from whatsapp.tests.test_external_links import site  # noqa: F401 (fixture)

TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text()
FILES = {"invoice.pdf": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"}


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.S)


CURLS = [block for block in blocks("bash") if block.startswith("curl")]


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def read(command):
    """Take a curl command apart as curl does."""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    asked = {"method": "GET", "headers": {}, "form": [], "body": None}
    for word in words:
        if word == "-X":
            asked["method"] = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            asked["headers"][name] = value
        elif word == "-F":
            asked["form"].append(next(words).split("=", 1))
        elif word == "-d":
            asked["body"] = next(words)
        else:
            asked["path"] = word.removeprefix("$WHATICKET")
    return asked


@pytest.mark.parametrize("command", CURLS, ids=lambda c: read(c)["path"])
def test_a_curl_command_does_what_it_says(
    cast,
    api,
    command,
    site,  # noqa: F811
    settings,
    monkeypatch,
):
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(
        send, "check_number", lambda asked, on: CheckedNumber(asked, "553188887777", True)
    )
    asked = read(command)
    http = program(api, key_of(cast))
    assert asked["headers"].pop("Authorization") == "Bearer $TOKEN"
    headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in asked["headers"].items()}
    if asked["form"]:
        form = {
            name: SimpleUploadedFile(value[1:], FILES[value[1:]]) if value[0] == "@" else value
            for name, value in asked["form"]
        }
        answer = http.post(asked["path"], form, format="multipart", **headers)
    else:
        body = (asked["body"] or "").replace("https://shop.example", site.address)
        kind = asked["headers"].get("Content-Type", "application/json")
        answer = http.generic(asked["method"], asked["path"], body, content_type=kind, **headers)
    assert answer.status_code == 200, answer.content
    assert answer["RateLimit-Limit"]


def test_the_python_example_runs(cast, api, monkeypatch, capsys):
    (code,) = blocks("python")
    http = api()

    def through_the_test_client(request):
        headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()}
        kind = request.headers["Content-Type"]
        answer = http.generic(
            request.method, request.url.path, request.content, content_type=kind, **headers
        )
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    monkeypatch.setenv("WHATICKET", "http://testserver")
    monkeypatch.setenv("TOKEN", key_of(cast))
    transport = httpx.MockTransport(through_the_test_client)
    monkeypatch.setattr(httpx, "Client", functools.partial(httpx.Client, transport=transport))
    exec(compile(code, "docs/api.md", "exec"), {})
    assert capsys.readouterr().out.startswith("SUCCESS ")
    assert Message.objects.get().body == "Your order is on its way."


def test_the_answer_shown_is_the_one_given():
    assert [json.loads(block) for block in blocks("json")] == [send.DONE]


def test_every_path_that_is_named_exists():
    paths = {
        re.sub(r"<\w+>", "1", path)
        for path in re.findall(r"`(?:GET|POST|PUT|DELETE) (/[\w/<>-]+)", TEXT)
    }
    assert len(paths) > 8
    for path in paths:
        get_resolver().resolve(path)


def test_every_scope_and_code_that_is_named_exists():
    assert set(re.findall(r"`(\w+:\w+)`", TEXT)) == set(ApiToken.Scope.values)

    def codes(kind):
        return {kind.code}.union(*map(codes, kind.__subclasses__()))

    known = codes(DomainError) | {
        "ERR_SESSION_EXPIRED", "ERR_API_TOKEN_REFUSED", "ERR_VALIDATION",
    }  # fmt: skip
    assert set(re.findall(r"ERR_\w+", TEXT)) <= known
