"""Every defect that the contract calls a hole names the tests that prove it closed (holes.txt)."""

import ast
from functools import cache
from pathlib import Path

import jwt
import pytest
from django.conf import settings as configured

from whaticket import settings as settings_module
from whaticket.tenancy import in_company
from whaticket.testing.contract.calls import FOLDER, ROUTES
from whaticket.testing.contract.stage import content
from whatsapp.models import Connection

ROOT = Path(__file__).parents[3]


def _holes():
    """Each hole with its tests, and the names that stand for some of them."""
    names, found = {}, {}
    for line in (FOLDER / "holes.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if "|" not in line:
            name, node = line.split(" = ")
            names[name] = node
            continue
        what, nodes = line.split(" | ")
        assert what not in found, what
        found[what] = [names.get(node, node) for node in nodes.split(", ")]
    return found


HOLES = _holes()


@cache
def functions_of(path):
    """The tests that a file holds, read and not run."""
    return {
        node.name
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_names_tests_that_are_there(hole):
    assert HOLES[hole]
    for node in HOLES[hole]:
        path, _, name = node.partition("::")
        assert name.startswith("test_"), node
        assert name in functions_of(path), node


def test_holes_are_of_routes_that_are_there():
    known = {str(route) for route in ROUTES}
    verbs = ("GET ", "POST ", "PUT ", "DELETE ")
    named = {hole.rpartition(": ")[0] for hole in HOLES if hole.startswith(verbs)}
    assert named
    assert named <= known


# What no other test proves --------------------------------------------------------------------

SQL = "2026-01-01'; DROP TABLE tickets_ticket; --"


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/messages-allMe", "dateStart", "dateEnd"),
        ("/dashboard/ticketsUsers", "initialDate", "finalDate"),
        ("/dashboard/ticketsDay", "initialDate", "finalDate"),
        ("/dashboard", "date_from", "date_to"),
        ("/ticketreport/reports", "dateFrom", "dateTo"),
    ],
)
def test_a_day_is_no_piece_of_sql(stage, path, first, last):
    client = stage.clients["rui"]
    good = {first: "2026-01-01", last: "2026-01-02"}
    for wrong in ({first: SQL}, {last: SQL}):
        answer = client.get(path, good | wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "ERR_VALIDATION")
    assert client.get(path, good).status_code == 200


def test_an_operators_change_leaves_a_connection_where_it_is(stage):
    theirs, globex = stage.theirs["connection"], stage.globex.pk
    answer = stage.clients["root"].put(
        f"/whatsapp-admin/{theirs}?companyId={globex}", {"name": "Renamed", "isDefault": True}
    )
    assert answer.status_code == 200, content(answer)
    assert answer.json()["companyId"] == globex
    assert not Connection.objects.filter(name="Renamed").exists()
    assert Connection.objects.get(pk=stage.number.pk).is_default
    with in_company(globex):
        changed = Connection.objects.get(pk=theirs)
        assert (changed.name, changed.is_default) == ("Renamed", True)
        assert Connection.objects.filter(is_default=True).count() == 1


def test_a_token_that_only_names_a_user_opens_nothing(stage):
    client = stage.api()
    for claims in ({"userId": stage.rui.pk}, {"id": stage.rui.pk, "companyId": stage.acme.pk}):
        token = jwt.encode(claims, configured.JWT_SECRET, algorithm="HS256")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        answer = client.get("/users")
        assert (answer.status_code, answer.json()["error"]) == (403, "ERR_SESSION_EXPIRED")


def test_an_unset_secret_is_made_and_never_a_constant(tmp_path, monkeypatch):
    made = set()
    for installation in ("one", "two"):
        monkeypatch.setattr(settings_module, "VAR_DIR", tmp_path / installation)
        for name in ("JWT_SECRET", "JWT_REFRESH_SECRET", "SECRET_KEY"):
            monkeypatch.delenv(name, raising=False)
            first = settings_module._kept_secret(name)
            assert len(first) >= 32
            assert settings_module._kept_secret(name) == first
            made.add(first)
    assert len(made) == 6
