"""Every address of the product: the wire at the contract's paths, pages under /app/ and /admin/."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.api.urls import urlpatterns as accounts_routes
from billing.api.urls import urlpatterns as billing_routes
from companies.api.urls import urlpatterns as companies_routes
from contacts.api.urls import urlpatterns as contacts_routes
from messaging.api.urls import urlpatterns as messaging_routes
from tickets.api.urls import urlpatterns as tickets_routes
from whaticket import operations
from whaticket.monitor.views import monitor
from whaticket.routing import RouteTable, route
from whatsapp.api.urls import urlpatterns as whatsapp_routes

wire = RouteTable(
    [
        *accounts_routes,
        *companies_routes,
        *billing_routes,
        *contacts_routes,
        *tickets_routes,
        *messaging_routes,
        *whatsapp_routes,
        route("health", operations.Health.as_view()),
        route("health/live", operations.Live.as_view()),
        route("health/ready", operations.Ready.as_view()),
        route("metrics", operations.prometheus),
    ]
)

urlpatterns = [
    wire,
    path("schema", operations.schema, name="schema"),
    path("docs", operations.docs, name="docs"),
    path("app/", include("console.urls")),
    # Before the operators' pages, whose address it shares: it has a door of its own.
    route("admin/queues", monitor, name="monitor"),
    # Where the links in recovery mails lead.
    path(
        "reset-password",
        RedirectView.as_view(pattern_name="console:reset", query_string=True),
    ),
    path("admin/", admin.site.urls),
]
