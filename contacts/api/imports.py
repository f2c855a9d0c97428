"""Many contacts at once, and what the network says of a number."""

from typing import Any

import orjson
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from contacts import services
from contacts.api import shapes
from contacts.api.views import part_of
from contacts.exceptions import ImportNotFound, NumberUnknown
from contacts.identity import Identity, phone_from
from contacts.models import ContactImport
from contacts.ports import check_number
from contacts.records import import_row
from contacts.services.identify import look_up
from contacts.services.imports import begin_import, import_address_book
from contacts.sheets import read_sheet
from contacts.wire import columns_json, contacts_json
from whaticket.api import RawJSON, valid
from whaticket.exceptions import Invalid
from whaticket.marks import resolved
from whaticket.openapi import INT, SAID, TEXT, of, rows
from whaticket.serializers import Lenient


class Profile(APIView):
    @extend_schema(responses={200: of(contactId=INT, profilePicUrl=TEXT)})
    def get(self, request: Request, number: str) -> Response:
        """Who has a number, if he is known here; 400 where WhatsApp knows nobody under it."""
        phone = phone_from(number)
        if not phone:
            raise NumberUnknown
        network = check_number(phone)
        if network is not None and not network.exists:
            raise NumberUnknown
        spellings = {phone, network.phone if network else ""} - {""}
        found = look_up({Identity("phone", spelling).key for spelling in spellings})
        contact = next(iter(found.values()), None)
        if contact is None:
            return Response({"contactId": 0, "profilePicUrl": ""})
        told = orjson.loads(resolved(contacts_json([contact.pk])[contact.pk]))
        picture = told["urlPicture"] or told["profilePicUrl"] or ""
        return Response({"contactId": contact.pk, "profilePicUrl": picture})


class ImportBook(APIView):
    """Whom the phone knows; `source` says from where."""

    source = "contacts"

    @extend_schema(request=None, responses={200: SAID})
    def post(self, request: PersonRequest) -> Response:
        """Make contacts of them; people only, known ones are not doubled."""
        taken = import_address_book(self.source, by=request.user)
        told = _("%(created)d contacts imported, %(known)d known before.")
        return Response({"message": told % {"created": len(taken.created), "known": taken.known}})


class ImportChats(ImportBook):
    """Everybody the phone has talked to (rest.md §26)."""

    source = "chats"


class Upload(APIView):
    """A table of contacts."""

    @extend_schema(
        request=shapes.SHEET,
        responses={
            200: rows(shapes.COLUMNS),
            202: OpenApiResponse(shapes.IMPORT, description="A long one, taken in later."),
        },
    )
    def post(self, request: PersonRequest) -> Any:
        """Take in CSV or XLSX (nome, numero, email): the new contacts, once for every number.

        `Location` names the import, which says what was wrong with which row. A long table is
        taken in later: 202 with the import, whose progress is told live.
        """
        file = request.FILES.get("file")
        if file is None:
            raise Invalid(details={"file": ["A file is needed."]})
        name = (file.name or "").encode("utf-8", "replace").decode().replace("\x00", "")
        row, created = begin_import(read_sheet(file), file_name=name, by=request.user)
        answer: Any
        if row.finished_at is None:
            answer = Response(import_row(row), status=202)
        else:
            answer = RawJSON(columns_json(created))
        answer["Location"] = f"/contacts/imports/{row.pk}"
        return answer


class OneImport(APIView):
    @extend_schema(responses={200: shapes.IMPORT})
    def get(self, request: Request, import_id: int) -> Response:
        """How far an import is, and what was wrong with which row."""
        row = ContactImport.objects.defer("rows").filter(pk=import_id).first()
        if row is None:
            raise ImportNotFound
        return Response(import_row(row))


class ImportBody(Lenient):
    """One contact of a table that the client reads itself."""

    name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    number = serializers.CharField(max_length=64)
    email = serializers.CharField(max_length=255, required=False, allow_blank=True)
    validateContact = serializers.BooleanField(required=False, allow_null=True)
    tags = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ImportOne(APIView):
    @extend_schema(request=ImportBody, responses={200: shapes.COLUMNS})
    def post(self, request: PersonRequest) -> Response:
        """Add one contact; `validateContact` "true" asks the network, `tags` is a comma list."""
        body = valid(ImportBody, request)
        tags = [tag.strip() for tag in body.get("tags", "").split(",")]
        if any(len(tag) > 255 for tag in tags):
            raise Invalid(details={"tags": ["A tag has at most 255 characters."]})
        contact = services.create_contact(
            name=body.get("name", ""),
            number=body["number"],
            email=body.get("email", ""),
            tags=list(dict.fromkeys(filter(None, tags))),
            verify=bool(body.get("validateContact")),
            by=request.user,
        )
        return part_of(contact.pk)
