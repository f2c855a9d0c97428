"""Addresses of the console, all under /app/."""

from django.urls import path

from console.views import (
    actions,
    board,
    connections,
    contacts,
    conversation,
    inbox,
    messages,
    preferences,
    quick_messages,
    reports,
    settings,
    sign_in,
    start,
    tagging,
    team,
)

app_name = "console"

urlpatterns = [
    path("", inbox.page, name="inbox"),
    path("list/", inbox.rows, name="list"),
    path("cards/", inbox.cards, name="cards"),
    path("palette/", inbox.palette, name="palette"),
    path("manifest.webmanifest", start.manifest, name="manifest"),
    # Sign-in
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("password/forgot/", sign_in.forgot, name="forgot"),
    path("password/reset/", sign_in.reset, name="reset"),
    path("language/", preferences.language, name="language"),
    path("theme/", preferences.theme, name="theme"),
    path("brand.css", settings.brand, name="brand"),
    # Settings
    path("settings/", settings.page, name="settings"),
    path("settings/<str:name>/", settings.change, name="setting"),
    # One conversation
    path("t/<int:ticket_id>/", conversation.page, name="ticket"),
    path("t/<int:ticket_id>/messages/", conversation.messages, name="messages"),
    path("t/<int:ticket_id>/state/", conversation.state, name="state"),
    path("t/<int:ticket_id>/details/", contacts.details, name="details"),
    path("t/<int:ticket_id>/send/", messages.send, name="send"),
    path("t/<int:ticket_id>/read/", actions.read, name="read"),
    path("t/<int:ticket_id>/unread/", actions.unread, name="unread"),
    path("t/<int:ticket_id>/accept/", actions.accept, name="accept"),
    path("t/<int:ticket_id>/close/", actions.close, name="close"),
    path("t/<int:ticket_id>/reopen/", actions.reopen, name="reopen"),
    path("t/<int:ticket_id>/return/", actions.give_back, name="return"),
    path("t/<int:ticket_id>/transfer/", actions.transfer, name="transfer"),
    path("t/<int:ticket_id>/take/", actions.take_over, name="take"),
    path("t/<int:ticket_id>/tags/", tagging.tag, name="tag"),
    path("t/<int:ticket_id>/tags/<int:tag_id>/remove/", tagging.untag, name="untag"),
    path("t/<int:ticket_id>/lane/", tagging.lane, name="lane"),
    path("t/<int:ticket_id>/notes/", tagging.add_note, name="note"),
    path("notes/<int:note_id>/delete/", tagging.delete_note, name="note-delete"),
    # One message
    path("m/<int:message_id>/edit/", messages.edit, name="edit"),
    path("m/<int:message_id>/delete/", messages.delete, name="delete"),
    path("m/<int:message_id>/react/", messages.react, name="react"),
    path("m/<int:message_id>/resend/", messages.resend, name="resend"),
    path("m/<int:message_id>/forward/", messages.forward, name="forward"),
    # Contacts
    path("contacts/search/", contacts.search, name="contact-search"),
    path("c/<int:contact_id>/edit/", contacts.edit, name="contact-edit"),
    path("c/<int:contact_id>/merge/", contacts.merge, name="merge"),
    path("merges/<int:merge_id>/undo/", contacts.unmerge, name="unmerge"),
    path("new/", start.new_conversation, name="new"),
    # Quick messages
    path("quick-messages/", quick_messages.page, name="quick-messages"),
    path("quick-messages/rows/", quick_messages.rows, name="quick-rows"),
    path("quick-messages/offers/", quick_messages.offers, name="quick-offers"),
    path("quick-messages/add/", quick_messages.edit, name="quick-add"),
    path("quick-messages/<int:quick_id>/edit/", quick_messages.edit, name="quick-edit"),
    path("quick-messages/<int:quick_id>/delete/", quick_messages.delete, name="quick-delete"),
    # The board
    path("board/", board.page, name="board"),
    path("board/column/", board.column, name="board-column"),
    path("board/cards/", board.cards, name="board-cards"),
    # The team's own rooms
    path("chat/", team.page, name="team"),
    path("chat/rows/", team.rows, name="team-rows"),
    path("chat/new/", team.edit, name="team-new"),
    path("chat/<int:chat_id>/", team.room, name="team-room"),
    path("chat/<int:chat_id>/messages/", team.messages, name="team-messages"),
    path("chat/<int:chat_id>/send/", team.send, name="team-send"),
    path("chat/<int:chat_id>/read/", team.read, name="team-read"),
    path("chat/<int:chat_id>/edit/", team.edit, name="team-edit"),
    path("chat/<int:chat_id>/delete/", team.delete, name="team-delete"),
    # Reports
    path("reports/", reports.page, name="reports"),
    path("reports/<str:name>/", reports.part, name="report-part"),
    path("reports/files/<str:what>.<str:kind>", reports.file, name="report-file"),
    # Connections
    path("connections/", connections.page, name="connections"),
    path("connections/rows/", connections.rows, name="connection-rows"),
    path("connections/add/", connections.add, name="connection-add"),
    path("connections/<int:connection_id>/link/", connections.link, name="connection-link"),
    path("connections/<int:connection_id>/start/", connections.begin, name="connection-start"),
    path("connections/<int:connection_id>/logout/", connections.logout, name="connection-logout"),
    path("connections/<int:connection_id>/delete/", connections.delete, name="connection-delete"),
]
