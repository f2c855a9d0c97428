"""The API document and its pages, as a browser and a tool get them."""

from whaticket.testing import answers

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
