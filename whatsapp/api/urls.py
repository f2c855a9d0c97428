"""Paths of connections and sessions (rest.md §9, §26) and of Meta's webhook."""

from whaticket.routing import route
from whatsapp.api import connections, external, external_contacts, sessions, tokens, webhooks

urlpatterns = [
    route("whatsapp", connections.Connections.as_view()),
    route("whatsapp/filter", connections.Filtered.as_view()),
    route("whatsapp/all", connections.AllConnections.as_view()),
    route("whatsapp/<id:connection_id>", connections.OneConnection.as_view()),
    route("whatsapp/<id:connection_id>/media-upload", connections.GreetingMedia.as_view()),
    route("whatsapp/<id:connection_id>/tokens", tokens.Tokens.as_view()),
    route("whatsapp/<id:connection_id>/tokens/<id:token_id>", tokens.OneToken.as_view()),
    route("whatsapp-admin/<id:connection_id>", connections.OperatorsConnection.as_view()),
    route("whatsapp-restart", sessions.RestartAll.as_view()),
    route("whatsappsession/<id:connection_id>", sessions.OneSession.as_view()),
    route("whatsappsession/<id:connection_id>/phone", sessions.PairByPhone.as_view()),
    route("whatsappsession/<id:connection_id>/verify", sessions.VerifyPairing.as_view()),
    route("closedimported/<id:connection_id>", connections.ClosedImported.as_view()),
    route("apiUsages", tokens.Usage.as_view()),
    route("api/messages/send", external.Send.as_view()),
    route("api/messages/send/linkImage", external.SendLinkedImage.as_view()),
    route("api/messages/checkNumber", external.CheckNumber.as_view()),
    route("api/messagesRange", external_contacts.MessagesRange.as_view()),
    route("api/contacts", external_contacts.Contacts.as_view()),
    route("api/contacts-count", external_contacts.ContactCount.as_view()),
    route("webhooks/cloud", webhooks.cloud_webhook),
    route("webhooks/cloud/<str:key>", webhooks.cloud_webhook),
]
