"""Connections of the own company, and of all for the platform's operators (rest.md §9)."""

from collections.abc import Callable, Iterator
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsSuper, PersonRequest
from companies.models import Company
from messaging.media import discard_files, store_upload
from whaticket.exceptions import Invalid
from whaticket.openapi import SAID, TEXT, query, rows
from whaticket.params import text_param, whole_number
from whaticket.tenancy import in_company
from whatsapp import wire
from whatsapp.api import shapes
from whatsapp.api.access import ManagesConnections, ReadsManagesOrDeletes, ReadsOrManages, manages
from whatsapp.api.input import ConnectionInput, read_wanted
from whatsapp.exceptions import ConnectionNotFound
from whatsapp.models import Connection
from whatsapp.services import connections


class Connections(APIView):
    """The company's connections."""

    permission_classes = [ReadsOrManages]

    @extend_schema(responses={200: rows(shapes.ROW)})
    def get(self, request: PersonRequest) -> Response:
        rows = Connection.objects.prefetch_related("queues")
        return Response([wire.row(row, manages=manages(request.user)) for row in rows])

    @extend_schema(request=ConnectionInput, responses={200: shapes.ROW})
    def post(self, request: PersonRequest) -> Response:
        wanted = read_wanted(request.data, is_new=True)
        connection = connections.create_connection(wanted, by=request.user)
        return Response(wire.row(connection, manages=True))


class Filtered(APIView):
    """The company's connections of one channel, without what hangs on them."""

    @extend_schema(parameters=query("channel"), responses={200: rows(shapes.SESSION)})
    def get(self, request: PersonRequest) -> Response:
        rows = Connection.objects.filter(channel=text_param(request, "channel", "whatsapp"))
        return Response([wire.session(row, manages=manages(request.user)) for row in rows])


class OneConnection(APIView):
    """One connection of the company."""

    permission_classes = [ReadsManagesOrDeletes]

    @extend_schema(responses={200: shapes.SHOW})
    def get(self, request: PersonRequest, connection_id: int) -> Response:
        connection = connections.find_connection(connection_id)
        return Response(wire.show(connection, manages=manages(request.user)))

    @extend_schema(request=ConnectionInput, responses={200: shapes.ROW})
    def put(self, request: PersonRequest, connection_id: int) -> Response:
        connection = connections.find_connection(connection_id)
        wanted = read_wanted(request.data, is_new=False)
        connection = connections.update_connection(connection, wanted, by=request.user)
        return Response(wire.row(connection, manages=True))

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, connection_id: int) -> Response:
        connection = connections.find_connection(connection_id)
        former = connection.greeting_media
        connections.delete_connection(connection, by=request.user)
        discard_files(former)
        return Response({"message": "Whatsapp deleted."})


class GreetingMedia(APIView):
    """The file that goes with the greeting."""

    permission_classes = [ManagesConnections]

    @extend_schema(request=shapes.FILE, responses={200: shapes.STORED})
    def post(self, request: PersonRequest, connection_id: int) -> Response:
        connection = connections.find_connection(connection_id)
        file = request.FILES.get("file")
        if file is None:
            raise Invalid(details={"file": ["A file is needed."]})
        stored = store_upload(file, name=file.name or "")
        try:
            former = connections.set_greeting_media(connection, stored.path, by=request.user)
        except ConnectionNotFound:
            discard_files(stored.path, stored.thumbnail_path)
            raise
        discard_files(former)
        return Response({"mensagem": "Arquivo adicionado!"})

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, connection_id: int) -> Response:
        connection = connections.find_connection(connection_id)
        discard_files(connections.set_greeting_media(connection, "", by=request.user))
        return Response({"message": "Arquivo excluído"})


class ClosedImported(APIView):
    """What an import of old messages left waiting."""

    permission_classes = [ManagesConnections]

    @extend_schema(request=None, responses={200: TEXT})
    def post(self, request: PersonRequest, connection_id: int) -> Response:
        """Close those tickets, without a word to the customers."""
        connection = connections.find_connection(connection_id)
        connections.close_imported_tickets(connection, by=request.user)
        return Response("whatsapp")


class AllConnections(APIView):
    """The connections of all companies, for the platform's operators."""

    permission_classes = [IsSuper]

    @extend_schema(responses={200: rows(shapes.PLATFORM_ROW)})
    def get(self, request: Request) -> Response:
        return Response([row for company in _companies() for row in _rows_of(company)])


def _companies() -> Iterator[int]:
    return iter(Company.objects.order_by("pk").values_list("pk", flat=True))


def _rows_of(company_id: int) -> list[dict[str, Any]]:
    with in_company(company_id):
        rows = Connection.objects.prefetch_related("queues")
        return [_without_prompt(wire.row(row, manages=True)) for row in rows]


def _without_prompt(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "prompt"}


class OperatorsConnection(APIView):
    """A connection of any company, for the platform's operators.

    Ids are the companies' own, so `companyId` says whose is meant; without it: the caller's.
    """

    permission_classes = [IsSuper]

    def _inside(self, request: PersonRequest, act: Callable[[], Response]) -> Response:
        given = request.query_params.get("companyId") or str(request.user.company_id)
        company_id = whole_number(given)
        if company_id is None:
            raise Invalid(details={"companyId": ["A whole number is needed."]})
        if not Company.objects.filter(pk=company_id).exists():
            raise ConnectionNotFound
        with in_company(company_id):
            return act()

    @extend_schema(parameters=query("companyId"), responses={200: shapes.SHOW})
    def get(self, request: PersonRequest, connection_id: int) -> Response:
        def read() -> Response:
            return Response(wire.show(connections.find_connection(connection_id), manages=True))

        return self._inside(request, read)

    @extend_schema(
        parameters=query("companyId"), request=ConnectionInput, responses={200: shapes.ROW}
    )
    def put(self, request: PersonRequest, connection_id: int) -> Response:
        def change() -> Response:
            connection = connections.find_connection(connection_id)
            wanted = read_wanted(request.data, is_new=False)
            connection = connections.administer_connection(connection, wanted, by=request.user)
            return Response(wire.row(connection, manages=True))

        return self._inside(request, change)

    @extend_schema(parameters=query("companyId"), responses={200: SAID})
    def delete(self, request: PersonRequest, connection_id: int) -> Response:
        def remove() -> Response:
            connection = connections.find_connection(connection_id)
            connections.delete_connection(connection, by=request.user)
            return Response({"message": "Whatsapp deleted."})

        return self._inside(request, remove)
