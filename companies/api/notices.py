"""Announcements, help pages, the version, partners (rest.md §19 and §23)."""

import hmac
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsSuper, PersonRequest, bearer
from accounts.models import User
from companies import services, wire
from companies.api import serializers as take
from companies.api import shapes
from companies.api.appearance import MaybeSomebody
from companies.api.platform import Platform
from companies.api.settings import uploaded
from companies.models import Announcement, Help, Partner
from whaticket.api import valid
from whaticket.openapi import SAID, TEXT, of, page, query, rows
from whaticket.paging import page_of
from whaticket.params import page_param, text_param
from whaticket.parsers import WireFormParser, WireJSONParser, WireMultiPartParser

_FORMS: list[type[BaseParser]] = [WireMultiPartParser, WireFormParser, WireJSONParser]
_TOLD = of(mensagem=TEXT)


class OperatorsWrite(APIView):
    """Everybody reads, operators write."""

    def get_permissions(self) -> list[Any]:
        return list(super().get_permissions()) if self.request.method == "GET" else [IsSuper()]


class AnnouncementList(APIView):
    """All announcements that are shown, and for operators those that are not too."""

    @extend_schema(responses={200: rows(shapes.ANNOUNCEMENT_LISTED)})
    def get(self, request: PersonRequest) -> Response:
        found = Announcement.objects.select_related("company")
        if not request.user.is_super:
            found = found.shown()
        return Response(
            [
                wire.announcement_row(row)
                | {"company": {"id": row.company_id, "name": row.company.name}}
                for row in found
            ]
        )


class Announcements(OperatorsWrite):
    """Announcements that are shown, page by page."""

    @extend_schema(
        parameters=query("searchParam", "pageNumber"),
        responses={200: page("records", shapes.ANNOUNCEMENT)},
    )
    def get(self, request: PersonRequest) -> Response:
        found = Announcement.objects.shown()
        text = text_param(request, "searchParam").strip()
        if text:
            found = found.filter(title__icontains=text)
        return Response(paged(found, wire.announcement_row, request))

    @extend_schema(request=take.NewAnnouncement, responses={200: shapes.ANNOUNCEMENT})
    def post(self, request: PersonRequest) -> Response:
        row = services.save_announcement(
            Announcement(), **by(request), **valid(take.NewAnnouncement, request)
        )
        return Response(wire.announcement_row(row))


class OneAnnouncement(OperatorsWrite):
    """One announcement."""

    parser_classes = _FORMS

    @extend_schema(responses={200: shapes.ANNOUNCEMENT})
    def get(self, request: PersonRequest, announcement_id: int) -> Response:
        row = services.find_announcement(announcement_id, hidden_too=request.user.is_super)
        return Response(wire.announcement_row(row))

    @extend_schema(request=take.AnnouncementFields, responses={200: shapes.ANNOUNCEMENT})
    def put(self, request: PersonRequest, announcement_id: int) -> Response:
        row = services.find_announcement(announcement_id)
        fields = valid(take.AnnouncementFields, request)
        row = services.save_announcement(row, **by(request), **fields)
        if "file" in request.FILES:
            file = uploaded(request)
            row = services.attach_file(row, file, file.name or "", **by(request))
        return Response(wire.announcement_row(row))

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, announcement_id: int) -> Response:
        row = services.find_announcement(announcement_id)
        services.delete_announcement(row, **by(request))
        return Response({"message": _("Announcement deleted")})


class AnnouncementMedia(APIView):
    """The file of an announcement."""

    permission_classes = [IsSuper]
    parser_classes = _FORMS

    @extend_schema(request=take.FileInput, responses={200: _TOLD})
    def post(self, request: PersonRequest, announcement_id: int) -> Response:
        row = services.find_announcement(announcement_id)
        file = uploaded(request)
        services.attach_file(row, file, file.name or "", **by(request))
        return Response({"mensagem": _("File attached")})

    @extend_schema(request=None, responses={200: _TOLD})
    def delete(self, request: PersonRequest, announcement_id: int) -> Response:
        services.detach_file(services.find_announcement(announcement_id), **by(request))
        return Response({"mensagem": _("File removed")})


class HelpList(APIView):
    """All help pages by title."""

    @extend_schema(responses={200: rows(shapes.HELP)})
    def get(self, request: PersonRequest) -> Response:
        return Response([wire.help_row(row) for row in Help.objects.all()])


class Helps(OperatorsWrite):
    """Help pages, page by page."""

    @extend_schema(
        parameters=query("searchParam", "pageNumber"),
        responses={200: page("records", shapes.HELP)},
    )
    def get(self, request: PersonRequest) -> Response:
        return Response(help_page(request))

    @extend_schema(request=take.HelpFields, responses={200: shapes.HELP})
    def post(self, request: PersonRequest) -> Response:
        row = services.save_help(Help(), **by(request), **valid(take.HelpFields, request))
        return Response(wire.help_row(row))


class OneHelp(OperatorsWrite):
    """One help page."""

    @extend_schema(responses={200: shapes.HELP})
    def get(self, request: PersonRequest, help_id: int) -> Response:
        return Response(wire.help_row(services.find_help(help_id)))

    @extend_schema(request=take.HelpFields, responses={200: shapes.HELP})
    def put(self, request: PersonRequest, help_id: int) -> Response:
        row = services.find_help(help_id)
        row = services.save_help(row, **by(request), **valid(take.HelpFields, request))
        return Response(wire.help_row(row))

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, help_id: int) -> Response:
        services.delete_help(services.find_help(help_id), **by(request))
        return Response({"message": _("Help page deleted")})


class PlatformHelps(Platform):
    """Help pages, for the operator's programs."""

    @extend_schema(
        parameters=query("searchParam", "pageNumber"),
        responses={200: page("records", shapes.HELP)},
    )
    def get(self, request: Request) -> Response:
        return Response(help_page(request))

    @extend_schema(request=take.HelpFields, responses={200: shapes.HELP})
    def post(self, request: Request) -> Response:
        fields = valid(take.HelpFields, request)
        row = services.save_help(Help(), company_id=None, by_id=None, **fields)
        return Response(wire.help_row(row))


class OnePlatformHelp(Platform):
    """One help page, for the operator's programs."""

    @extend_schema(responses={200: shapes.HELP})
    def get(self, request: Request, help_id: int) -> Response:
        return Response(wire.help_row(services.find_help(help_id)))

    @extend_schema(request=take.HelpFields, responses={200: shapes.HELP})
    def put(self, request: Request, help_id: int) -> Response:
        row = services.find_help(help_id)
        fields = valid(take.HelpFields, request)
        row = services.save_help(row, company_id=None, by_id=None, **fields)
        return Response(wire.help_row(row))

    @extend_schema(responses={200: None})
    def delete(self, request: Request, help_id: int) -> Response:
        services.delete_help(services.find_help(help_id), company_id=None, by_id=None)
        return Response()


class Partners(Platform):
    """Who sells the platform, for the operator's programs."""

    @extend_schema(
        parameters=query("searchParam", "pageNumber"),
        responses={200: page("records", shapes.PARTNER)},
    )
    def get(self, request: Request) -> Response:
        found = Partner.objects.all()
        text = text_param(request, "searchParam").strip()
        if text:
            found = found.filter(name__icontains=text)
        return Response(paged(found, wire.partner_row, request))

    @extend_schema(request=take.PartnerFields, responses={200: shapes.PARTNER})
    def post(self, request: Request) -> Response:
        row = services.save_partner(Partner(), **valid(take.PartnerFields, request))
        return Response(wire.partner_row(row))


class OnePartner(Platform):
    """One partner, for the operator's programs."""

    @extend_schema(responses={200: shapes.PARTNER})
    def get(self, request: Request, partner_id: int) -> Response:
        return Response(wire.partner_row(services.find_partner(partner_id)))

    @extend_schema(request=take.PartnerFields, responses={200: shapes.PARTNER})
    def put(self, request: Request, partner_id: int) -> Response:
        row = services.find_partner(partner_id)
        row = services.save_partner(row, **valid(take.PartnerFields, request))
        return Response(wire.partner_row(row))

    @extend_schema(responses={200: None})
    def delete(self, request: Request, partner_id: int) -> Response:
        services.delete_partner(services.find_partner(partner_id))
        return Response()


class CurrentVersion(APIView):
    """Which version the clients have.

    Every client announces its own, so that its page can go on; only an operator's word, or the
    platform token's, is kept.
    """

    authentication_classes = [MaybeSomebody]
    permission_classes = []

    @extend_schema(responses={200: of(version=TEXT)})
    def get(self, request: Request) -> Response:
        return Response({"version": version()})

    @extend_schema(request=take.VersionInput, responses={200: of(version=TEXT)})
    def post(self, request: Request) -> Response:
        wanted = valid(take.VersionInput, request)["version"]
        caller = request.user
        if (isinstance(caller, User) and caller.is_super) or has_platform_token(request):
            services.set_version(wanted, backend=version_of_server())
        return Response({"version": version()})


def version() -> str:
    """Give the version that was last announced, else that of this server."""
    return services.version_of_frontend() or version_of_server()


def version_of_server() -> str:
    """Give the version of this server."""
    return str(settings.SPECTACULAR_SETTINGS["VERSION"])


def has_platform_token(request: Request) -> bool:
    """Tell whether the operator's program asks."""
    shown, expected = bearer(request), settings.COMPANY_TOKEN
    return bool(shown and expected and hmac.compare_digest(shown.encode(), expected.encode()))


def by(request: PersonRequest) -> dict[str, int]:
    """Say who writes, and from which company."""
    return {"company_id": request.user.company_id, "by_id": request.user.pk}


def help_page(request: Request) -> dict[str, Any]:
    """One page of help pages by title."""
    found = Help.objects.all()
    text = text_param(request, "searchParam").strip()
    if text:
        found = found.filter(title__icontains=text)
    return paged(found, wire.help_row, request)


def paged(found: Any, row_of: Any, request: Request) -> dict[str, Any]:
    """One page of records, as the contract wraps it."""
    records, count, has_more = page_of(found, page_param(request))
    return {"records": [row_of(row) for row in records], "count": count, "hasMore": has_more}
