"""Paths of contacts; fixed words stand before parameters."""

from contacts.api import imports, report, tags, views
from whaticket.exports import CSV, XLSX
from whaticket.routing import route

urlpatterns = [
    route("contacts", views.Contacts.as_view()),
    route("contacts/list", views.NamedContacts.as_view()),
    route("contacts/toggleAcceptAudio/<id:contact_id>", views.ToggleAudio.as_view()),
    route("contacts/toggleDisableBot/<id:contact_id>", views.ToggleBot.as_view()),
    route("contacts/block/<id:contact_id>", views.Block.as_view()),
    route("contacts/merges/<id:merge_id>/undo", views.UndoMerge.as_view()),
    route("contacts/profile/<str:number>", imports.Profile.as_view()),
    route("contacts/import", imports.ImportBook.as_view()),
    route("contacts/import/chats", imports.ImportChats.as_view()),
    route("contacts/upload", imports.Upload.as_view()),
    route("contacts/imports/<id:import_id>", imports.OneImport.as_view()),
    route("contactsImport", imports.ImportOne.as_view()),
    route("contacts/<id:contact_id>/merge", views.Merge.as_view()),
    route("contacts/<id:contact_id>/merges", views.Merges.as_view()),
    route("contacts/<id:contact_id>", views.OneContact.as_view()),
    route("contactTags/<id:contact_id>", views.HasTags.as_view()),
    route("contact-wallet/<id:contact_id>", views.Wallets.as_view()),
    route("tags", tags.Tags.as_view()),
    route("tags/list", tags.TagList.as_view()),
    route("tags/sync", tags.SyncTags.as_view()),
    route("tags/<id:tag_id>", tags.OneTag.as_view()),
    route("tags-contacts/<id:tag_id>/<id:contact_id>", tags.TagOfContact.as_view()),
    route("tag/kanban", tags.Lanes.as_view()),
    route("contacts-report", report.ContactReport.as_view()),
    route("contacts-report.csv", report.ContactExport.as_view(kind=CSV)),
    route("contacts-report.xlsx", report.ContactExport.as_view(kind=XLSX)),
]
