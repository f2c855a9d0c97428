"""Variables mean what the contract says, as they are, for agents' texts and the company's own."""

import datetime

import pytest

from messaging.models import Message
from messaging.variables import render_text

# 2026-03-04 15:06:07.089 in São Paulo.
MOMENT = datetime.datetime(2026, 3, 4, 18, 6, 7, 89_000, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("{{firstName}}", "Carla"),
        ("{{ name }}", "Carla Customer"),
        ("{{userName}}", "Ana"),
        ("{{ticket_id}}", "{pk}"),
        ("{{hour}}", "15:06:07"),
        ("{{date}}", "04-03-2026"),
        ("{{queue}}", "Sales"),
        ("{{connection}}", "acme number"),
        ("{{protocol}}", "202603040607089{pk}"),
        ("{{name_company}}", "Acme"),
        ("{{{name}}} {{&name}}", "Carla Customer Carla Customer"),
        ("[{{nothing}}]", "[]"),
        ("{name} {{}} {{a b}}", "{{name}} {{{{}}}} {{{{a b}}}}"),
    ],
)
def test_a_variable_means_its_value(mine, text, meaning):
    assert render_text(text, mine, at=MOMENT) == meaning.format(pk=mine.pk)


def test_date_and_hour_stand_together(mine):
    text = render_text("{{data_hora}}", mine, at=MOMENT)
    assert text.startswith("04-03-2026 ")
    assert text.endswith(" 15:06:07")


def test_the_greeting_changes_with_the_hour(mine):
    def greeting(hour):
        at = MOMENT.replace(hour=(hour + 3) % 24)
        return render_text("{{ms}}", mine, at=at)

    parts = [(0, 5), (6, 11), (12, 17), (18, 23)]
    assert all(greeting(first) == greeting(last) for first, last in parts)
    assert len({greeting(first) for first, _ in parts}) == 4


def test_values_are_put_in_as_they_are(mine):
    mine.contact.name = "<b>{{userName}}</b> & filhos"
    assert render_text("Oi, {{name}}!", mine) == "Oi, <b>{{userName}}</b> & filhos!"


def test_65_an_agents_text_is_filled_in_and_a_note_is_not(api, mine, cast):
    for private in (False, True):
        body = {"body": "Oi {{firstName}}, sou {{userName}}", "isPrivate": str(private).lower()}
        assert api(cast.ana).post(f"/messages/{mine.pk}", body).status_code == 200
    sent, note = Message.objects.order_by("pk")
    assert sent.body == "Oi Carla, sou Ana"
    assert note.body == "Oi {{firstName}}, sou {{userName}}"
