"""What a file is called on screens: kept for people, harmless for everything else."""

import re
import unicodedata

MAX_NAME = 120

# Path parts of both worlds, and what headers, shells and file systems read as more than a letter.
_SEPARATORS = re.compile(r"[\\/:*?\"<>|\x00]")
_SPACES = re.compile(r"\s+")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
# Windows opens devices by these names, whatever the extension.
_DEVICES = re.compile(r"(?i)\A(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)")


def display_name(name: str, fallback: str = "file") -> str:
    """Give the name to show and to send: the last part of a path, without control characters.

    Right-to-left overrides go too: `photo\\u202egpj.exe` would be shown as `photoexe.jpg`.
    """
    # Without surrogates, which neither PostgreSQL nor a header can hold.
    text = name.encode("utf-8", "ignore").decode()
    text = unicodedata.normalize("NFC", text)
    text = re.split(r"[\\/]", text)[-1]
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")
    text = _SPACES.sub(" ", _SEPARATORS.sub("_", text)).strip(" .")
    if _DEVICES.match(text):
        text = f"_{text}"
    if len(text) > MAX_NAME:
        found = _EXTENSION.search(text)
        extension = found.group() if found else ""
        text = text[: MAX_NAME - len(extension)].rstrip(" .") + extension
    return text or fallback


def extension_of(name: str) -> str:
    """Give the extension a name ends in, lower case, without the dot; empty where there is none."""
    found = _EXTENSION.search(name)
    return found.group()[1:].lower() if found else ""
