"""`/subscription*` and `/gerencianet-config` (rest.md §6): paying by PIX."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsSuper, PersonRequest
from billing import services, wire
from billing.api import serializers as take
from billing.api import shapes
from whaticket.api import Open, valid
from whaticket.openapi import FLAG, OBJECT, of, query


class Checkout(APIView):
    """A company pays an invoice of its own: the charge, with what to scan or copy."""

    debtors_may = ("POST",)

    @extend_schema(request=take.CheckoutInput, responses={200: shapes.CHARGE})
    def post(self, request: PersonRequest) -> Response:
        fields = valid(take.CheckoutInput, request)
        invoice = services.find_invoice(fields["invoice_id"], company_id=request.user.company_id)
        return Response(wire.charge_row(services.open_charge(invoice)))


class Webhook(APIView):
    """Where the provider tells of payments; an operator decides."""

    permission_classes = [IsSuper]

    @extend_schema(request=take.WebhookInput, responses={200: OBJECT})
    def post(self, request: Request) -> Response:
        fields = valid(take.WebhookInput, request)
        return Response(services.register_webhook(fields["chave"], fields["url"]))

    @extend_schema(parameters=query("chave"), request=None, responses={200: OBJECT})
    def delete(self, request: Request) -> Response:
        fields = valid(take.KeyInput, request)
        key = fields["chave"] or request.query_params.get("chave", "")
        return Response(services.remove_webhook(key))


class Notice(Open):
    """The provider tells of payments. It proves itself by the secret in its address.

    What it says is not believed: each charge that we know is read from the provider.
    """

    @extend_schema(
        parameters=query(services.PROOF),
        request=take.NoticeInput,
        responses={200: of(ok=FLAG)},
    )
    def post(self, request: Request) -> Response:
        services.require_proof(request.query_params.get(services.PROOF, ""))
        fields = valid(take.NoticeInput, request)
        services.note_payments(pix.get("txid", "") for pix in fields.get("pix", []))
        return Response({"ok": True})


class ProviderAccount(APIView):
    """The platform's account at the provider, without its secrets."""

    permission_classes = [IsSuper]

    @extend_schema(responses={200: shapes.ACCOUNT})
    def get(self, request: Request) -> Response:
        return Response(wire.account_row(services.payment_account()))

    @extend_schema(request=take.AccountInput, responses={200: shapes.ACCOUNT})
    def put(self, request: Request) -> Response:
        fields = valid(take.AccountInput, request)
        held = services.payment_account().credentials.get("clientSecret", "")
        # Clients send back what they were shown.
        if fields.get("client_secret") == wire.masked(held):
            fields.pop("client_secret", None)
        return Response(wire.account_row(services.update_payment_account(**fields)))
