"""Routes of messages and their files (rest.md §8)."""

from messaging.api import media, messages
from whaticket.routing import route

urlpatterns = [
    route("messages-allMe", messages.CountAll.as_view()),
    route("messages/edit/<id:message_id>", messages.Edit.as_view()),
    route("messages/<id:message_id>/reaction", messages.Reaction.as_view()),
    route("messages/<id:message_id>/resend", messages.Resend.as_view()),
    route("messages/<str:key>", messages.Conversation.as_view()),
    route("message/forward", messages.Forward.as_view()),
    route("media/<str:token>", media.token_file),
    route("public/company<id:company_id>/<str:path>", media.public_file),
]
