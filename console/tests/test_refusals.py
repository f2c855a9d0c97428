"""What an agent reads under a message whose correction or deletion the network refused."""

import pytest

from console.tests.pages import FRAGMENT
from messaging.models import Message


@pytest.mark.parametrize(
    ("change", "words"),
    [("edit", "refused your correction"), ("revoke", "refused the deletion")],
)
def test_a_refused_change_is_explained_under_the_message(browser, cast, ticket, change, words):
    Message.objects.create(
        ticket=ticket,
        connection=cast.number,
        from_me=True,
        author=cast.ana,
        body="It costs 10",
        status=Message.Status.DELIVERED,
        data={"refused": change},
        failure_class="content",
        failure_reason="The time for it is over.",
    )
    page = browser(cast.ana).get(
        f"/app/t/{ticket.pk}/messages/", headers={"Accept-Language": "en"}, **FRAGMENT
    )
    text = page.content.decode()
    assert words in text
    assert "The time for it is over." in text
    # It has arrived: sending it again would be wrong.
    assert "data-resend" not in text
