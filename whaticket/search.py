"""How hot reads search: parts of texts, without accents and case (behaviour R-LIST 152)."""


def like(text: str) -> str:
    """Write a search text as a pattern that matches it literally, anywhere."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"


def holds(column: str) -> str:
    """Write that a text holds what a pattern says; accents and case do not count.

    The column is folded, or indexed so. Sub-selects keep one plan for all patterns: without them
    it would fold the pattern anew for every row, or PostgreSQL would plan every search.
    """
    return f"{column} LIKE (SELECT public.folded(%s))"


def holds_exactly(column: str) -> str:
    """Write that a text holds what a pattern says, letter by letter."""
    return f"{column} LIKE (SELECT %s::text)"
