"""Style sheets that operators write for the sign-in page: looks, and nothing else.

A style sheet can fetch (and thereby tell strangers what is typed), so everything that takes an
address is refused, by a list of what is known to be harmless.
"""

import re

LONGEST = 20_000
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FUNCTION = re.compile(r"([\w-]*)\(")
_AT_RULE = re.compile(r"@\s*([\w-]*)")
_AT_RULES = frozenset({"media", "supports", "keyframes", "layer", "container"})
_FUNCTIONS = frozenset(
    re.findall(
        r"[\w-]+",
        # colours
        "rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark "
        # pictures that are drawn
        "linear-gradient radial-gradient conic-gradient repeating-linear-gradient "
        "repeating-radial-gradient repeating-conic-gradient "
        # numbers
        "calc min max clamp var env minmax repeat fit-content "
        # movement and effects
        "translate translatex translatey translate3d scale scalex scaley rotate rotatex rotatey "
        "skew skewx skewy matrix perspective cubic-bezier steps blur brightness contrast "
        "drop-shadow grayscale hue-rotate invert opacity saturate sepia circle ellipse inset "
        "polygon "
        # selectors
        "not is where has nth-child nth-last-child nth-of-type nth-last-of-type first-of-type "
        "last-of-type lang dir",
    )
)
# Whatever stands before a bracket in `@media (…)` and in lists of values.
_PLAIN = frozenset({"", "and", "or", "only"})


def clean_css(text: str) -> str:
    """Give a harmless style sheet without its comments; raise ValueError saying what is not."""
    if len(text) > LONGEST:
        raise ValueError(f"At most {LONGEST} letters are possible.")
    css = _COMMENT.sub(" ", text).strip()
    for sign in ("<", "\\", "/*", "*/", "\0"):
        if sign in css:
            raise ValueError(f"A style sheet here has no “{sign}”.".replace("\0", "NUL"))
    for name in _AT_RULE.findall(css):
        if name.lower() not in _AT_RULES:
            raise ValueError(f"A style sheet here has no @{name}.")
    for name in _FUNCTION.findall(css):
        if name.lower() not in _FUNCTIONS | _PLAIN:
            raise ValueError(f"A style sheet here has no {name}().")
    # Old browsers' programs; they need no bracket.
    if re.search(r"behavior\s*:|-moz-binding|javascript:", css, re.IGNORECASE):
        raise ValueError("A style sheet here has no programs.")
    if not _is_balanced(css):
        raise ValueError("A bracket is missing.")
    return css


def _is_balanced(css: str) -> bool:
    depth = 0
    for letter in css:
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    return depth == 0
