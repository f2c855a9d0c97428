"""What several rooms must know of a text that a client sent."""

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
