"""`/users/*` (rest.md §3)."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import ports, services, wire
from accounts.api import serializers as take
from accounts.api import shapes
from accounts.api.auth import queues_of
from accounts.authentication import PersonRequest, PlatformToken
from accounts.exceptions import UserNotFound
from accounts.models import User
from companies.exceptions import OtherCompany
from companies.models import Company
from whaticket.api import Open, valid
from whaticket.exceptions import Invalid, NoPermission
from whaticket.openapi import SAID, query, rows
from whaticket.paging import page_of
from whaticket.params import int_param, page_param, text_param
from whaticket.parsers import WireMultiPartParser
from whaticket.tenancy import in_company


class Users(APIView):
    """The people of the caller's company."""

    @extend_schema(parameters=query("searchParam", "pageNumber"), responses={200: shapes.PEOPLE})
    def get(self, request: PersonRequest) -> Response:
        people = User.objects.of_company(request.user.company_id).select_related("company")
        if search := text_param(request, "searchParam").strip():
            people = people.filter(Q(name__icontains=search) | Q(email__icontains=search))
        page, count, has_more = page_of(people.order_by("name", "pk"), page_param(request))
        queues = ports.queues_of([user.pk for user in page])
        rows = [wire.user_row(user, queues[user.pk]) for user in page]
        return Response({"users": rows, "count": count, "hasMore": has_more})

    @extend_schema(request=take.NewUser, responses={200: shapes.AUTH})
    def post(self, request: PersonRequest) -> Response:
        caller = request.user
        if not caller.is_admin:
            raise NoPermission
        if settings.DEMO:
            raise NoPermission
        fields = valid(take.NewUser, request)
        company_id = fields.pop("company_id", caller.company_id)
        if company_id != caller.company_id and not caller.is_super:
            raise OtherCompany
        fields.pop("profile_image", None)
        created = services.create_user(company_id=company_id, by_id=caller.pk, **fields)
        user = services.find_user(created.pk)
        return Response(wire.user_auth(user, queues_of(user)))


class UserList(APIView):
    """The names of the people of a company, for choosing one."""

    @extend_schema(parameters=query("companyId"), responses={200: rows(shapes.NAME)})
    def get(self, request: PersonRequest) -> Response:
        company_id = int_param(request, "companyId") or request.user.company_id
        if company_id != request.user.company_id:
            if not request.user.is_super:
                raise NoPermission
            if not Company.objects.filter(pk=company_id).exists():
                return Response([])
        people = list(User.objects.of_company(company_id).order_by("pk"))
        with in_company(company_id):
            queues = ports.queues_of([user.pk for user in people])
        return Response([wire.user_name(user, queues[user.pk]) for user in people])


class OneUser(APIView):
    """One person."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: shapes.SHOW})
    def get(self, request: PersonRequest, user_id: int) -> Response:
        user = services.find_user(user_id, company_id=request.user.company_id)
        return Response(wire.user_show(user, queues_of(user)))

    @extend_schema(request=take.UserFields, responses={200: shapes.UPDATED})
    def put(self, request: PersonRequest, user_id: int) -> Response:
        caller = request.user
        user = reachable(caller, user_id)
        fields = valid(take.UserFields, request)
        company_id = fields.pop("company_id", user.company_id)
        if company_id != (user if caller.is_super else caller).company_id:
            raise OtherCompany
        refuse_foreign_picture(user, fields)
        # The contract empties the queues where none are named; people who only change their own
        # colours must not lose their work by it.
        queue_ids = fields.pop("queue_ids", None if caller.pk == user.pk else [])
        services.update_user(user, by=caller, queue_ids=queue_ids, **fields)
        user = services.find_user(user.pk)
        return Response(wire.user_updated(user, queues_of(user)))

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, user_id: int) -> Response:
        caller = request.user
        if not caller.is_admin:
            raise NoPermission
        user = services.find_user(user_id)
        if user.company_id != caller.company_id and not caller.is_super:
            raise OtherCompany
        services.remove_user(user, by=caller)
        return Response({"message": _("User deleted")})


class PaneWidth(APIView):
    """How wide the ticket list is on somebody's screen. (The path is spelled this way.)"""

    @extend_schema(request=take.WidthInput, responses={200: shapes.SHOW})
    def put(self, request: PersonRequest, user_id: int) -> Response:
        user = reachable(request.user, user_id)
        width = valid(take.WidthInput, request)["defaultTicketsManagerWidth"]
        services.update_user(user, by=request.user, pane_width=width)
        user = services.find_user(user.pk)
        return Response(wire.user_show(user, queues_of(user)))


class Picture(APIView):
    """Somebody's picture."""

    parser_classes = [WireMultiPartParser]

    @extend_schema(request=take.PictureInput, responses={200: shapes.PICTURE})
    def post(self, request: PersonRequest, user_id: int) -> Response:
        user = reachable(request.user, user_id)
        file = request.FILES.get("profileImage")
        if not isinstance(file, UploadedFile):
            raise Invalid(details={"profileImage": ["A picture is needed."]})
        services.set_profile_image(user, file, by=request.user)
        user = services.find_user(user.pk)
        body = {"user": wire.user_show(user, queues_of(user)), "message": _("Picture updated")}
        return Response(body)


class PictureFile(Open):
    """A picture of a person, at the address clients build for it. Its name cannot be guessed."""

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: Request, company_id: int, name: str) -> FileResponse:
        stem = name.removesuffix(".jpg")
        if not name.endswith(".jpg") or len(stem) != 32 or not stem.isalnum():
            raise Http404
        path = services.folder_of(company_id) / name
        if not path.is_file():
            raise Http404
        response = FileResponse(path.open("rb"), content_type="image/jpeg")
        response["Cache-Control"] = "public, max-age=31536000, immutable"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


class UserByEmail(APIView):
    """One person by their address, for the operator's programs."""

    authentication_classes = [PlatformToken]

    @extend_schema(responses={200: shapes.ALL})
    def get(self, request: Request, email: str) -> Response:
        people = User.objects.with_email(email).select_related("company__subscription__plan")
        user = people.first() if "\0" not in email else None
        if user is None:
            raise UserNotFound
        return Response(wire.user_all(user, queues_of(user)))


def reachable(caller: User, user_id: int) -> User:
    """Give a person of the caller's company (of any, for an operator); raise UserNotFound."""
    return services.find_user(user_id, company_id=None if caller.is_super else caller.company_id)


def refuse_foreign_picture(user: User, fields: dict[str, Any]) -> None:
    """Let a picture be taken away here, but set only by upload; raise Invalid."""
    if fields.get("profile_image") not in (None, "", user.profile_image):
        raise Invalid(details={"profileImage": ["Upload the picture instead."]})
