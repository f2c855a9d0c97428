"""Voice notes as WhatsApp plays them everywhere: mono Opus in Ogg."""

import hashlib
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import structlog

from messaging.media.kinds import facts_of
from messaging.media.places import full_path, new_name
from messaging.media.store import StoredMedia, discard

log = structlog.get_logger(__name__)

VOICE_TYPE = "audio/ogg; codecs=opus"
SECONDS = 60


def is_voice_note(path: Path) -> bool:
    """Tell whether a file is Opus in Ogg already."""
    if facts_of(path).mimetype != "audio/ogg":
        return False
    with path.open("rb") as file:
        return b"OpusHead" in file.read(4096)


def as_voice_note(source: Path, target: Path) -> bool:
    """Write a voice note to `target`; False where it cannot be made here.

    The caller then sends the recording as it is: it can be played, it only lacks the waveform.
    """
    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        log.warning("media.no_ffmpeg")
        return False
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".voice") as folder:
        draft = Path(folder) / "voice.ogg"
        # No playlist or subtitle may make ffmpeg read other files or addresses.
        command = [
            program, "-nostdin", "-v", "error", "-y",
            "-protocol_whitelist", "file", "-i", f"file:{source}",
            "-map", "0:a:0", "-vn", "-map_metadata", "-1",
            "-ac", "1", "-ar", "48000", "-c:a", "libopus", "-b:a", "32k", "-application", "voip",
            "-t", "3600", f"file:{draft}",
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except (subprocess.TimeoutExpired, OSError) as error:
            log.warning("media.not_converted", error=type(error).__name__)
            return False
        if done.returncode or not draft.exists() or not draft.stat().st_size:
            log.warning("media.not_converted", code=done.returncode)
            return False
        draft.replace(target)
    return True


def voice_note_of(stored: StoredMedia) -> StoredMedia | None:
    """Make a stored recording a voice note, in its place; None where it stays what it is."""
    source = full_path(stored.path)
    if is_voice_note(source):
        return replace(stored, kind="voice", mimetype=VOICE_TYPE)
    path = new_name("ogg")
    target = full_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not as_voice_note(source, target):
        return None
    discard(stored)
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return replace(
        stored,
        path=path,
        name=f"{stored.name.rpartition('.')[0] or stored.name}.ogg",
        mimetype=VOICE_TYPE,
        kind="voice",
        size=target.stat().st_size,
        sha256=sha256,
    )
