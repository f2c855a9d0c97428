"""Routes of messages and their files (rest.md §8), of what a team keeps, and of its own talk."""

from messaging.api import files, media, messages, quick_messages, team, todos
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
    route("public/company<id:company_id>/contacts/<str:path>", media.public_file),
    route("public/company<id:company_id>/quickMessage/<str:path>", media.public_file),
    route("quick-messages", quick_messages.QuickMessages.as_view()),
    route("quick-messages/list", quick_messages.QuickMessageList.as_view()),
    route("quick-messages/<id:quick_message_id>", quick_messages.OneQuickMessage.as_view()),
    route(
        "quick-messages/<id:quick_message_id>/media-upload",
        quick_messages.QuickMessageMedia.as_view(),
    ),
    route("files", files.FileLists.as_view()),
    route("files/list", files.FileListNames.as_view()),
    route("files/uploadList/<id:file_list_id>", files.UploadFiles.as_view()),
    route("files/<id:file_list_id>", files.OneFileList.as_view()),
    route("chats", team.Chats.as_view()),
    route("chats/<str:key>", team.OneChat.as_view()),
    route("chats/<id:chat_id>/messages", team.ChatMessages.as_view()),
    route("chats/<id:chat_id>/read", team.ReadChat.as_view()),
    route("todos", todos.Todos.as_view()),
    route("todos/<id:todo_id>", todos.OneTodo.as_view()),
]
