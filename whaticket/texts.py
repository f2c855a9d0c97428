"""What several apps must know of texts."""

# Invisible beginnings (behaviour, preamble): every text of the bot or the system has the first, so
# that its echo is known again, and what a campaign says has the second.
BOT_MARK = "\u200e"
CAMPAIGN_MARK = "\u200c"

# How clients of the contract write a switch.
FLAG_WORDS = {
    "enabled": True,
    "enable": True,
    "true": True,
    "disabled": False,
    "disable": False,
    "false": False,
}


def is_encodable(value: str) -> bool:
    """Tell whether a text can be stored and sent back: half of a surrogate pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_bot_text(text: str) -> bool:
    """Tell whether a text carries the mark of the bot."""
    return text.startswith(BOT_MARK)
