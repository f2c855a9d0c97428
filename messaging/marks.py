"""Invisible marks at the start of texts (behaviour, preamble)."""

# Every text of the bot or the system begins with it, so that its echo is known again.
BOT_MARK = "\u200e"


def is_bot_text(text: str) -> bool:
    """Tell whether a text carries the mark of the bot."""
    return text.startswith(BOT_MARK)
