"""Routes of contacts."""

from collections.abc import Collection, Iterable
from typing import Any

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsAdmin, PersonRequest
from contacts import services
from contacts.api import shapes
from contacts.api.serializers import (
    BlockBody,
    ContactBody,
    MergeBody,
    NewContactBody,
    WalletsBody,
    columns_of,
)
from contacts.exceptions import ContactNotFound, MergeNotFound
from contacts.models import Contact, ContactMerge
from contacts.wire import contact_json, contact_list, named_contacts
from whaticket.api import RawJSON, valid
from whaticket.marks import resolved
from whaticket.openapi import FLAG, SAID, of, query, rows
from whaticket.params import ids_param, page_param, text_param


def shown(contact_id: int) -> RawJSON:
    """Answer with a contact (ContactFull); raise ContactNotFound."""
    text = contact_json(contact_id)
    if text is None:
        raise ContactNotFound
    return RawJSON(text)


# What a whole contact has besides its columns.
_JOINED = {"extraInfo", "tags", "wallets", "whatsapp"}


def part_of(
    contact_id: int, keys: Iterable[str] | None = None, *, joined: Collection[str] = ()
) -> Response:
    """Answer with some keys of a contact: those named, or all columns and what is `joined`."""
    whole = contact_json(contact_id)
    if whole is None:
        raise ContactNotFound
    found = orjson.loads(resolved(whole))
    if keys is None:
        keys = [key for key in found if key not in _JOINED or key in joined]
    return Response({key: found[key] for key in keys})


class Contacts(APIView):
    @extend_schema(
        parameters=query("searchParam", "contactTag", "isGroup", "pageNumber"),
        responses={200: shapes.CONTACTS},
    )
    def get(self, request: Request) -> RawJSON:
        """A page of contacts by name, 100 at a time."""
        return RawJSON(
            contact_list(
                text=text_param(request, "searchParam").strip(),
                tag_ids=list(ids_param(request, "contactTag") or ()),
                groups=request.query_params.get("isGroup") != "false",
                page=page_param(request),
            )
        )

    @extend_schema(request=NewContactBody, responses={200: shapes.CREATED})
    def post(self, request: PersonRequest) -> Response:
        """Add a contact; its number is verified where a connection can be asked."""
        body = valid(NewContactBody, request)
        columns = columns_of(body)
        contact = services.create_contact(
            name=columns.pop("name"),
            number=body["number"],
            by=request.user,
            fields=body.get("extraInfo", ()),
            wallets=body.get("wallets", ()),
            **columns,
        )
        return part_of(contact.pk, joined={"extraInfo", "wallets"})


class NamedContacts(APIView):
    @extend_schema(parameters=query("name"), responses={200: rows(shapes.COLUMNS)})
    def get(self, request: Request) -> RawJSON:
        """All columns of the contacts whose name has a part, by name."""
        return RawJSON(named_contacts(text_param(request, "name")))


class OneContact(APIView):
    @extend_schema(responses={200: shapes.FULL})
    def get(self, request: Request, contact_id: int) -> RawJSON:
        """One contact (ContactFull)."""
        return shown(contact_id)

    @extend_schema(request=ContactBody, responses={200: shapes.CHANGED})
    def put(self, request: PersonRequest, contact_id: int) -> Response:
        """Change a contact; extraInfo and wallets replace what was there."""
        body = valid(ContactBody, request)
        contact = services.contact_or_refuse(contact_id)
        services.update_contact(
            contact,
            by=request.user,
            number=body.get("number"),
            fields=body.get("extraInfo"),
            wallets=body.get("wallets"),
            **columns_of(body),
        )
        return part_of(contact_id, shapes.AFTER_CHANGE)

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, contact_id: int) -> Response:
        """Remove a contact with its tickets (administrators)."""
        if not IsAdmin().has_permission(request, self):
            self.permission_denied(request)
        services.delete_contact(services.contact_or_refuse(contact_id), by=request.user)
        return Response({"message": "Contact deleted"})


class ToggleAudio(APIView):
    @extend_schema(request=None, responses={200: shapes.AUDIO_TURNED})
    def put(self, request: PersonRequest, contact_id: int) -> Response:
        """Turn over whether the contact may send audio."""
        contact = services.contact_or_refuse(contact_id)
        services.toggle_contact(contact, "accepts_audio", by=request.user)
        return part_of(contact_id, shapes.AFTER_AUDIO)


class ToggleBot(APIView):
    @extend_schema(request=None, responses={200: shapes.BOT_TURNED})
    def put(self, request: PersonRequest, contact_id: int) -> Response:
        """Turn over whether bots answer the contact."""
        contact = services.contact_or_refuse(contact_id)
        services.toggle_contact(contact, "bot_disabled", by=request.user)
        return part_of(contact_id, shapes.AFTER_BOT)


class Block(APIView):
    @extend_schema(request=BlockBody, responses={200: shapes.COLUMNS})
    def put(self, request: PersonRequest, contact_id: int) -> Response:
        """Block or unblock a contact, here and on every network that can."""
        body = valid(BlockBody, request)
        contact = services.contact_or_refuse(contact_id)
        services.update_contact(contact, by=request.user, is_active=body["active"])
        return part_of(contact_id)


class Wallets(APIView):
    @extend_schema(request=WalletsBody, responses={200: shapes.WALLETS_SET})
    def put(self, request: PersonRequest, contact_id: int) -> Response:
        """Say whose portfolio a contact is in."""
        body = valid(WalletsBody, request)
        contact = services.contact_or_refuse(contact_id)
        services.update_contact(contact, by=request.user, wallets=body["wallets"])
        return part_of(contact_id, shapes.AFTER_WALLETS)


class HasTags(APIView):
    @extend_schema(responses={200: of(tags=FLAG)})
    def get(self, request: Request, contact_id: int) -> Response:
        """Whether a contact has any tag."""
        contact = services.contact_or_refuse(contact_id)
        return Response({"tags": contact.tags.exists()})


class Merge(APIView):
    @extend_schema(request=MergeBody, responses={200: shapes.FULL})
    def post(self, request: PersonRequest, contact_id: int) -> RawJSON:
        """Fold another contact into this one."""
        body = valid(MergeBody, request)
        keep = services.contact_or_refuse(contact_id)
        drop = services.contact_or_refuse(body["contactId"])
        services.merge_contacts(keep, drop, by=request.user)
        return shown(contact_id)


class Merges(APIView):
    @extend_schema(responses={200: rows(shapes.MERGE)})
    def get(self, request: Request, contact_id: int) -> Response:
        """The merges into a contact, newest first."""
        services.contact_or_refuse(contact_id)
        rows = ContactMerge.objects.filter(kept_id=contact_id).select_related("merged", "by")
        return Response([_merge_row(row) for row in rows.order_by("-pk")])


class UndoMerge(APIView):
    @extend_schema(request=None, responses={200: shapes.FULL})
    def post(self, request: PersonRequest, merge_id: int) -> RawJSON:
        """Take two merged contacts apart again."""
        merge = ContactMerge.objects.filter(pk=merge_id).first()
        if merge is None:
            raise MergeNotFound
        return shown(services.undo_merge(merge, by=request.user).pk)


def _merge_row(row: ContactMerge) -> dict[str, Any]:
    merged: Contact = row.merged
    return {
        "id": row.pk,
        "contactId": row.kept_id,
        "merged": {"id": merged.pk, "name": merged.name, "number": merged.address},
        "user": {"id": row.by.pk, "name": row.by.name} if row.by else None,
        "createdAt": row.created_at,
        "undoneAt": row.undone_at,
    }
