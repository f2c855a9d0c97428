"""The yardstick: the ticket list as a straightforward DRF page would be written.

Serializers, pagination with a count, select_related and prefetch_related: what a careful team
ships first. Benchmarks ask it in the same run as the real page, so that ratios mean something on
any machine.
"""

from django.urls import include, path
from rest_framework import serializers, viewsets
from rest_framework.pagination import PageNumberPagination
from rest_framework.routers import DefaultRouter

from contacts.models import Contact, ContactField, Tag
from tickets.models import Queue, Ticket
from whatsapp.models import Connection


class _Tag(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["id", "name", "color"]


class _Field(serializers.ModelSerializer):
    class Meta:
        model = ContactField
        fields = ["id", "name", "value"]


class _Contact(serializers.ModelSerializer):
    tags = _Tag(many=True)
    fields_ = _Field(many=True, source="fields")

    class Meta:
        model = Contact
        fields = ["id", "name", "address", "email", "picture_url", "is_active", "tags", "fields_"]


class _Queue(serializers.ModelSerializer):
    class Meta:
        model = Queue
        fields = ["id", "name", "color"]


class _Connection(serializers.ModelSerializer):
    class Meta:
        model = Connection
        fields = ["id", "name", "expires_minutes", "groups_as_tickets"]


class _Ticket(serializers.ModelSerializer):
    contact = _Contact()
    queue = _Queue()
    connection = _Connection()
    tags = _Tag(many=True)

    class Meta:
        model = Ticket
        fields = [
            "id",
            "uuid",
            "agent_id",
            "queue_id",
            "is_group",
            "channel",
            "status",
            "contact_id",
            "last_message",
            "updated_at",
            "unread_count",
            "contact",
            "queue",
            "connection",
            "tags",
        ]


class _Page(PageNumberPagination):
    page_size = 40


class NaiveTickets(viewsets.ReadOnlyModelViewSet):
    """Tickets of one status, newest first."""

    serializer_class = _Ticket
    pagination_class = _Page

    def get_queryset(self):
        return (
            Ticket.objects.filter(status=self.request.query_params.get("status", "open"))
            .select_related("contact", "queue", "connection", "agent")
            .prefetch_related("tags", "contact__tags", "contact__fields")
            .order_by("-updated_at")
        )


router = DefaultRouter()
router.register("naive/tickets", NaiveTickets, basename="naive-tickets")

urlpatterns = [path("", include(router.urls)), path("", include("whaticket.urls"))]
