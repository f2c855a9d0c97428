"""Taking files out of forms. What a form says of folders and types is not read (rest.md §25)."""

from typing import Any

from rest_framework.request import Request

from messaging.api.bodies import refuse
from messaging.media import StoredMedia, discard, store_upload


def one_upload(request: Request, field: str = "file") -> StoredMedia:
    """Store the file of a form; raise Invalid where there is none, and what `store_upload` does."""
    upload = request.FILES.get(field)
    if upload is None:
        raise refuse(field, "A file is needed.")
    return store_upload(upload, name=upload.name or "")


def all_uploads(files: list[Any]) -> list[StoredMedia]:
    """Store every file or none."""
    stored: list[StoredMedia] = []
    try:
        # What was stored before a refusal is in the list by then.
        stored.extend(store_upload(upload, name=upload.name or "") for upload in files)
    except Exception:
        for media in stored:
            discard(media)
        raise
    return stored
