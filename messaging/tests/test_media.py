"""Files are what their bytes say; hostile ones are refused or made harmless."""

import io
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import imageio_ffmpeg
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from PIL import Image

from messaging.media import (
    MediaDamaged,
    MediaTooLarge,
    MediaTypeRefused,
    StoredMedia,
    discard,
    display_name,
    full_path,
    store_file,
    store_upload,
)
from messaging.media.convert import as_voice_note, is_voice_note
from whaticket.tenancy import in_company


@pytest.fixture(autouse=True)
def media_root(companies, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def image(form: str = "PNG", size: tuple[int, int] = (640, 360), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **options)
    return out.getvalue()


def archive(names: tuple[str, ...] = ("a.txt",)) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "text")
    return out.getvalue()


def upload(content: bytes, name: str = "file") -> StoredMedia:
    return store_upload(io.BytesIO(content), name=name)


def fetched(tmp_path: Path, content: bytes, **options) -> StoredMedia:
    source = tmp_path / "fetched"
    source.write_bytes(content)
    return store_file(source, **options)


def files_under(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def recording(path: Path, *options: str) -> bytes:
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", *options, str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "name", "mimetype", "kind"),
    [
        (image("JPEG"), "photo.exe.txt", "image/jpeg", "image"),
        (image("PNG"), "notes.pdf", "image/png", "image"),
        (image("GIF"), "a", "image/gif", "image"),
        (image("WEBP"), "song.mp3", "image/webp", "image"),
        (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "photo.jpg", "application/pdf", "document"),
        ("Olá, José\n".encode(), "photo.jpg", "text/plain", "document"),
        (archive(), "letter.docx", "application/zip", "document"),
        (b"\x00\x01\x02\x03 nothing known", "a.png", "application/octet-stream", "document"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "voice.ogg", "audio/wav", "audio"),
        (b"\xff\xfb\x90\x00" + bytes(400), "a.txt", "audio/mpeg", "audio"),
    ],
)
def test_the_type_comes_from_the_bytes(content, name, mimetype, kind):
    stored = upload(content, name)
    assert (stored.mimetype, stored.kind, stored.name) == (mimetype, kind, name)
    assert full_path(stored.path).read_bytes() == content
    assert stored.size == len(content)


def test_a_recording_in_a_films_container_is_audio(tmp_path):
    sound = recording(tmp_path / "a.mp4", "-c:a", "aac")
    assert upload(sound).mimetype == "audio/mp4"
    sound = recording(tmp_path / "a.webm", "-c:a", "libopus")
    assert upload(sound).mimetype == "audio/webm"
    film = recording(tmp_path / "b.mp4", "-f", "lavfi", "-i", "color=s=32x32:d=1")
    assert upload(film).mimetype == "video/mp4"


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + bytes(100),
        b"\x7fELF\x02\x01\x01" + bytes(100),
        b"#!/bin/sh\nrm -rf /\n",
        b"\xcf\xfa\xed\xfe" + bytes(100),
        b"\xca\xfe\xba\xbe" + bytes(100),
        archive(("META-INF/MANIFEST.MF",)),
        archive(("AndroidManifest.xml", "classes.dex")),
        image("GIF") + archive(),
        image("PNG") + archive(),
        image("JPEG") + b"<script>alert(1)</script>",
        image("JPEG", comment=b"<?php system($_GET[0]); ?>"),
        image("GIF", comment=b"<html><body onload=alert(1)>"),
        image("PNG") + b"%PDF-1.7 ",
        b"%PDF-1.7\n" + archive(),
    ],
    ids=lambda content: repr(content[:8]),
)
def test_programs_and_polyglots_are_refused_and_leave_nothing(content, media_root):
    with pytest.raises(MediaTypeRefused):
        upload(content, "photo.jpg")
    assert files_under(media_root) == []


@pytest.mark.parametrize(
    "name", ["run.bat", "a.JS", "x/../evil.vbs", "photo\u202egpj.exe", "a.lnk"]
)
def test_what_a_desktop_runs_by_its_name_is_refused(name):
    with pytest.raises(MediaTypeRefused):
        upload(b"echo hello", name)


@pytest.mark.parametrize(
    "content", [b"", image("JPEG")[:400], image("PNG")[:60], b"GIF89a" + b"\0" * 9]
)
def test_damaged_files_are_refused(content, media_root):
    with pytest.raises(MediaDamaged):
        upload(content)
    assert files_under(media_root) == []


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    )


def test_a_decompression_bomb_is_refused_unopened(media_root):
    with pytest.raises(MediaTooLarge):
        upload(png_claiming(60_000, 60_000))
    assert files_under(media_root) == []


def test_a_customers_bomb_is_kept_but_never_shown(tmp_path):
    stored = fetched(tmp_path, png_claiming(60_000, 60_000), name="a.png", claimed_type="image/png")
    assert (stored.mimetype, stored.kind) == ("application/octet-stream", "document")
    assert stored.thumbnail_path == ""
    assert stored.path.endswith(".bin")


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?><x/>",
        b"MZ\x90\x00" + bytes(100),
        image("JPEG") + b"<script>alert(1)</script>",
    ],
)
def test_what_a_customer_sends_is_kept_as_plain_octets(content, tmp_path):
    stored = fetched(tmp_path, content, name="a.html", claimed_type="text/html")
    assert (stored.mimetype, stored.kind) == ("application/octet-stream", "document")
    assert full_path(stored.path).read_bytes() == content


def test_a_customers_cut_photo_is_kept_without_thumbnail(tmp_path):
    stored = fetched(tmp_path, image("JPEG")[:400], claimed_type="image/jpeg")
    assert (stored.mimetype, stored.thumbnail_path, stored.name) == ("image/jpeg", "", "image.jpg")


def test_markup_may_be_sent_but_is_stored_as_octets():
    stored = upload(b"<html><script>alert(1)</script></html>", "page.html")
    assert (stored.mimetype, stored.name) == ("application/octet-stream", "page.html")


def test_files_over_the_limit_are_refused_and_leave_nothing(settings, media_root):
    settings.MEDIA_MAX_BYTES = 1000
    assert upload(b"a" * 1000).size == 1000
    before = files_under(media_root)
    with pytest.raises(MediaTooLarge) as refusal:
        upload(b"a" * 1001)
    assert refusal.value.details == {"limit": 1000}
    assert files_under(media_root) == before


def test_thumbnails_are_small_upright_and_without_metadata():
    photo = Image.new("RGB", (1200, 600), "teal")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Camera of somebody"
    out = io.BytesIO()
    photo.save(out, "JPEG", exif=exif)
    stored = upload(out.getvalue())
    path = full_path(stored.thumbnail_path)
    with Image.open(path) as small:
        assert small.size == (240, 480)
        assert not small.getexif()
    assert b"Camera" not in path.read_bytes()
    assert b"Camera" in full_path(stored.path).read_bytes()


def test_files_lie_under_their_company(cast, media_root):
    ours = upload(b"ours")
    with in_company(cast.globex.pk):
        theirs = upload(b"theirs")
        with pytest.raises(FileNotFoundError):
            full_path(ours.path).read_bytes()
        assert full_path(theirs.path).is_relative_to(media_root / f"company_{cast.globex.pk}")
    assert full_path(ours.path).is_relative_to(media_root / f"company_{cast.acme.pk}")


def test_discarding_removes_file_and_thumbnail(media_root):
    discard(upload(image()))
    assert files_under(media_root) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ('quo"te<>|?.txt', "quo_te____.txt"),
        ("   ", "file"),
        ("...", "file"),
        ("CON.txt", "_CON.txt"),
        ("Relatório março.pdf", "Relatório março.pdf"),
        ("a" * 300 + ".jpeg", "a" * 115 + ".jpeg"),
        ("\ud800x", "x"),
    ],
)
def test_names_are_kept_for_people_and_harmless(name, shown):
    assert display_name(name) == shown


@given(strategies.text())
def test_no_name_is_a_path_or_breaks_a_line(name):
    shown = display_name(name)
    assert 0 < len(shown) <= 120
    assert not set(shown) & set('/\\\r\n\0"')
    assert shown not in {".", ".."}
    shown.encode()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=strategies.sampled_from(
        [
            b"",
            b"\xff\xd8\xff\xe0",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"RIFF\0\0\0\0WEBP",
            b"PK\x03\x04",
            b"OggS",
            b"\0\0\0\x18ftypmp42",
        ]
    ),
    tail=strategies.binary(max_size=300),
)
def test_any_bytes_of_a_customer_are_kept(head, tail, tmp_path):
    assert fetched(tmp_path, head + tail).size == len(head + tail)


def test_a_voice_note_is_opus_in_ogg(tmp_path):
    source = tmp_path / "a.mp3"
    recording(source)
    target = tmp_path / "voice.ogg"
    assert not is_voice_note(source)
    assert as_voice_note(source, target)
    assert is_voice_note(target)


def test_what_is_no_recording_is_not_converted(tmp_path):
    source = tmp_path / "a.mp3"
    source.write_bytes(b"ffconcat version 1.0\nfile /etc/passwd\n")
    assert not as_voice_note(source, tmp_path / "voice.ogg")
    assert not (tmp_path / "voice.ogg").exists()


def test_without_an_ffmpeg_that_runs_a_recording_stays_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "missing"))
    source = tmp_path / "a.mp3"
    source.write_bytes(b"\xff\xfb\x90\x00" + bytes(400))
    assert not as_voice_note(source, tmp_path / "voice.ogg")


def test_where_there_is_no_ffmpeg_at_all_a_recording_stays_as_it_is(tmp_path, monkeypatch):
    def missing():
        raise RuntimeError("No ffmpeg exe could be found.")

    source = tmp_path / "a.mp3"
    recording(source)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", missing)
    assert not as_voice_note(source, tmp_path / "voice.ogg")
