"""A conversation of Ana's, and what was said in it."""

import io
import uuid

from PIL import Image

from messaging.models import Message


def received(ticket, cast, body, **fields):
    wire_id = fields.pop("wire_id", uuid.uuid4().hex)
    return Message.objects.create(
        ticket=ticket,
        contact=ticket.contact,
        connection=cast.number,
        chat="5511988887777@s.whatsapp.net",
        wire_id=wire_id,
        body=body,
        **fields,
    )


def picture(name="photo.png"):
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(out, "PNG")
    out.seek(0)
    out.name = name
    return out


def bodies(answer):
    return [row["body"] for row in answer.json()["messages"]]
