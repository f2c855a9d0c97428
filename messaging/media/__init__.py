"""Files of conversations: told by their bytes, kept under their company, served by signed URLs."""

from messaging.media.addresses import QUICK_FOLDER, WIRE_MARK, media_url, read_address, sign_marks
from messaging.media.kinds import FileFacts, facts_of
from messaging.media.names import display_name
from messaging.media.places import full_path
from messaging.media.refusals import MediaDamaged, MediaRefused, MediaTooLarge, MediaTypeRefused
from messaging.media.store import (
    StoredMedia,
    copy_stored,
    discard,
    discard_files,
    store_file,
    store_upload,
)

__all__ = [
    "QUICK_FOLDER",
    "WIRE_MARK",
    "FileFacts",
    "MediaDamaged",
    "MediaRefused",
    "MediaTooLarge",
    "MediaTypeRefused",
    "StoredMedia",
    "copy_stored",
    "discard",
    "discard_files",
    "display_name",
    "facts_of",
    "full_path",
    "media_url",
    "read_address",
    "sign_marks",
    "store_file",
    "store_upload",
]
