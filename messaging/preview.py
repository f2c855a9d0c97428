"""A message in one short line, for lists and notifications."""

from messaging.models import Message

LENGTH = 255

# Pictures say what no language has to.
_SYMBOLS = {
    Message.Kind.IMAGE: "📷",
    Message.Kind.VIDEO: "🎥",
    Message.Kind.AUDIO: "🎵",
    Message.Kind.VOICE: "🎤",
    Message.Kind.DOCUMENT: "📄",
    Message.Kind.STICKER: "🏷️",
    Message.Kind.LOCATION: "📍",
    Message.Kind.LIVE_LOCATION: "📍",
    Message.Kind.CONTACTS: "👤",
    Message.Kind.CALL: "📞",
}


def preview_of(message: Message) -> str:
    """Give the line a ticket card shows for its last message."""
    text = " ".join(message.body.split())
    symbol = _SYMBOLS.get(Message.Kind(message.kind))
    if symbol:
        text = f"{symbol} {text or message.media_name}".strip()
    return text[:LENGTH]
