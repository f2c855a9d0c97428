"""Starting, ending and linking sessions (rest.md §9 and §26)."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from whaticket.api import valid
from whaticket.openapi import SAID
from whatsapp.api import shapes
from whatsapp.api.access import ManagesConnections
from whatsapp.services import session_control
from whatsapp.services.connections import find_connection


class PhoneInput(serializers.Serializer):
    """The phone a code is to be typed on."""

    phoneNumber = serializers.CharField(max_length=40)


class CodeInput(serializers.Serializer):
    """The code that was typed on the phone."""

    code = serializers.CharField(max_length=40)


class OneSession(APIView):
    """The session of a connection."""

    permission_classes = [ManagesConnections]

    @extend_schema(request=None, responses={200: SAID})
    def post(self, request: PersonRequest, connection_id: int) -> Response:
        session_control.start_session(find_connection(connection_id), by=request.user)
        return Response({"message": "Starting session."})

    @extend_schema(request=None, responses={200: SAID})
    def put(self, request: PersonRequest, connection_id: int) -> Response:
        session_control.relink_session(find_connection(connection_id), by=request.user)
        return Response({"message": "Starting session."})

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, connection_id: int) -> Response:
        session_control.end_session(find_connection(connection_id), by=request.user)
        return Response({"message": "Session disconnected."})


class PairByPhone(APIView):
    """A code to type on the phone instead of scanning a picture."""

    permission_classes = [ManagesConnections]

    @extend_schema(request=PhoneInput, responses={200: shapes.PAIRING})
    def post(self, request: PersonRequest, connection_id: int) -> Response:
        number = valid(PhoneInput, request)["phoneNumber"]
        code = session_control.request_pairing_code(
            find_connection(connection_id), number, by=request.user
        )
        return Response({"connectionCode": code})


class VerifyPairing(APIView):
    """How far a pairing by code got."""

    permission_classes = [ManagesConnections]

    @extend_schema(request=CodeInput, responses={200: SAID})
    def post(self, request: Request, connection_id: int) -> Response:
        code = valid(CodeInput, request)["code"]
        done = session_control.verify_pairing(find_connection(connection_id), code)
        return Response({"message": "Session connected." if done else "Waiting for the phone."})


class RestartAll(APIView):
    """All sessions of the company at once."""

    permission_classes = [ManagesConnections]

    @extend_schema(request=None, responses={200: SAID})
    def post(self, request: PersonRequest) -> Response:
        session_control.restart_all(by=request.user)
        return Response({"message": "Starting sessions."})
