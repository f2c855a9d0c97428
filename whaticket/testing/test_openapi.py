"""The API document and its pages, as a browser and a tool get them."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import path as at
from rest_framework.views import APIView

from whaticket.testing import answers, lint

FREE = {"type": "object", "additionalProperties": {}}


def test_the_document_and_its_page_are_served(client, db):
    document = client.get("/schema")
    assert (document.status_code, b"/tickets/{ticket_id}/accept" in document.content) == (200, True)
    page = client.get("/docs")
    assert (page.status_code, b"swagger" in page.content.lower()) == (200, True)


def test_every_route_says_what_it_answers_and_how_it_refuses():
    for path, operations in answers.document()["paths"].items():
        for method, operation in operations.items():
            told = operation["responses"]
            assert "default" in told, (method, path)
            for answer in told.values():
                for content in answer.get("content", {}).values():
                    assert content["schema"] != FREE, (method, path)


def test_who_needs_a_token_is_told():
    paths = answers.document()["paths"]
    assert paths["/tickets"]["get"]["security"] == [{"accessToken": []}]
    assert paths["/api/plans"]["get"]["security"] == [{"platformToken": []}]
    assert "security" not in paths["/auth/login"]["post"]


def test_the_document_is_made_without_a_doubt(tmp_path, capsys):
    call_command(*lint.SPECTACULAR, file=str(tmp_path / "openapi.yaml"))
    assert capsys.readouterr().err == ""


class Wordless(APIView):
    """Says neither what it takes nor what it answers."""

    def get(self, request):
        """Nothing."""


urlpatterns = [at("wordless", Wordless.as_view())]


def test_a_doubt_about_the_document_fails_the_lint(tmp_path, capsys):
    with pytest.raises(CommandError, match="as requested"):
        call_command(*lint.SPECTACULAR, file=str(tmp_path / "openapi.yaml"), urlconf=__name__)
    assert "Wordless" in capsys.readouterr().err


def test_what_takes_an_access_token_in_its_own_way_says_so():
    paths = answers.document()["paths"]
    assert paths["/login-config"]["get"]["security"] == [{"accessToken": []}, {}]
    assert paths["/login-config"]["put"]["security"] == [{"accessToken": []}]
    either = paths["/api/invoices"]["post"]["security"]
    assert either == [{"accessToken": []}, {"platformToken": []}]
    assert answers.document()["components"]["securitySchemes"].keys() >= {
        "accessToken", "platformToken", "connectionToken", "programToken",
    }  # fmt: skip
