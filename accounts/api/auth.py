"""`/auth/*` (rest.md §2)."""

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import lockout, ports, services, tokens, wire
from accounts.api import serializers as take
from accounts.api import shapes, throttles
from accounts.api.cookies import clear_refresh_cookie, refresh_cookie, set_refresh_cookie
from accounts.authentication import PersonRequest
from accounts.exceptions import InvalidCredentials, SessionConflict, SessionExpired
from accounts.models import User
from billing import services as billing
from companies.exceptions import CompanyInactive
from companies.wire import company_row
from whaticket.api import Open, valid
from whaticket.openapi import SAID, TEXT, of, ref
from whaticket.tenancy import in_company


class Signup(Open):
    """A team registers itself and tries the product for three days."""

    throttle_classes = [throttles.SignupThrottle]

    @extend_schema(request=take.SignupInput, responses={200: ref("Company")})
    def post(self, request: Request) -> Response:
        fields = valid(take.SignupInput, request)
        # Queues and connections are things of a company that does not exist yet.
        for key in ("company_id", "queue_ids", "connection_id", "profile", "profile_image"):
            fields.pop(key, None)
        order = billing.Registration(
            name=fields.pop("companyName"),
            plan_id=fields.pop("planId"),
            phone=fields.pop("phone"),
            email=fields.pop("email").lower(),
            password=fields.pop("password"),
            admin_name=fields.pop("name"),
            due_on=billing.trial_end(),
            admin_fields=fields,
        )
        return Response(company_row(billing.sign_up(order)))


class Login(Open):
    """A person signs in with e-mail and password."""

    throttle_classes = [throttles.LoginThrottle]

    @extend_schema(request=take.LoginInput, responses={200: shapes.SIGNED_IN})
    def post(self, request: Request) -> Response:
        fields = valid(take.LoginInput, request)
        email, password = fields["email"], fields["password"]
        if not email or not password:
            raise InvalidCredentials
        plain = request._request
        lockout.require_open(plain, email)
        user = authenticate(plain, username=email, password=password)
        if not isinstance(user, User):
            if hasattr(plain, "refused_company"):
                raise CompanyInactive
            raise InvalidCredentials
        session = services.sign_in(
            user,
            user_agent=request.headers.get("User-Agent", ""),
            disconnect_others=fields["disconnectOtherSessions"] is True,
        )
        # Earlier failures of this name are forgiven.
        user_logged_in.send(sender=User, request=plain, user=user)
        user = services.find_user(user.pk)
        session.user = user
        body = {
            "token": tokens.access_token(user, session),
            "user": wire.user_auth(user, queues_of(user)),
        }
        response = Response(body)
        set_refresh_cookie(response, session)
        return response


class Refresh(Open):
    """A client renews its access with the refresh cookie."""

    @extend_schema(request=take.RefreshInput, responses={200: shapes.RENEWED})
    def post(self, request: Request) -> Response:
        fields = valid(take.RefreshInput, request)
        session = services.renew(
            refresh_cookie(request), keeps_others=fields["allowMultipleSessions"] is True
        )
        body = {
            "token": tokens.access_token(session.user, session),
            "user": wire.user_show(session.user, queues_of(session.user)),
        }
        response = Response(body)
        set_refresh_cookie(response, session)
        return response

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if isinstance(exc, SessionConflict | SessionExpired):
            clear_refresh_cookie(response)
        if isinstance(exc, SessionConflict) and isinstance(response.data, dict):
            response.data["message"] = _("This account was opened on another device.")
        return response


class DisconnectOthers(APIView):
    """A person stays signed in here and nowhere else."""

    debtors_may = ("POST",)

    @extend_schema(request=None, responses={200: of(token=TEXT, message=TEXT)})
    def post(self, request: PersonRequest) -> Response:
        session = services.disconnect_others(request.user.session)
        body = {
            "token": tokens.access_token(session.user, session),
            "message": _("Other sessions were disconnected."),
        }
        response = Response(body)
        set_refresh_cookie(response, session)
        return response


class Logout(APIView):
    """A person leaves; the token that was used stops counting at once."""

    debtors_may = ("DELETE",)

    @extend_schema(request=None, responses={200: None})
    def delete(self, request: PersonRequest) -> Response:
        services.sign_out(request.user.session)
        response = Response()
        clear_refresh_cookie(response)
        return response


class Me(APIView):
    """Who a client with its cookie is."""

    debtors_may = ("GET",)

    @extend_schema(responses={200: shapes.ME})
    def get(self, request: PersonRequest) -> Response:
        try:
            claims = tokens.read_refresh_token(refresh_cookie(request) or "")
        except tokens.InvalidToken as error:
            raise SessionExpired from error
        user = request.user
        if claims.get("id") != user.pk:
            raise SessionExpired
        return Response({"id": user.pk, "profile": user.profile, "super": user.is_super})


class PasswordRecovery(Open):
    """Somebody forgot a password. The answer never tells whether the address is known."""

    throttle_classes = [throttles.RecoveryThrottle]

    @extend_schema(request=take.RecoveryInput, responses={200: SAID})
    def post(self, request: Request) -> Response:
        fields = valid(take.RecoveryInput, request)
        services.request_recovery(fields["email"])
        message = _("If the address is known, a mail with a link is on its way.")
        return Response({"message": message})


class ResetPassword(Open):
    """Somebody sets a new password with a mailed secret."""

    throttle_classes = [throttles.ResetThrottle]

    @extend_schema(request=take.ResetInput, responses={200: SAID})
    def post(self, request: Request) -> Response:
        fields = valid(take.ResetInput, request)
        services.reset_password(fields["token"], fields["password"])
        return Response({"message": _("The new password is set.")})


def queues_of(user: User) -> list[dict[str, Any]]:
    """Give the queues of one person, wherever the request is."""
    with in_company(user.company_id):
        return ports.queues_of([user.pk]).get(user.pk, [])
