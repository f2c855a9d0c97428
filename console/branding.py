"""What the pages are called and coloured like: the brand of a company, as a style sheet."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from companies.login_themes import THEMES, theme_of
from companies.models import LoginConfig
from companies.registry import LOGO
from companies.services import Brand, brand_of, company_of_host

PRODUCT = "Whaticket"
# Words on their ground: WCAG 2.2, 1.4.3 (AA).
CONTRAST = 4.5
# The hardest grounds that accents stand on, in the light and the dark theme: their own soft tints.
_LIGHT, _DARK = "#e8e8e4", "#3a3f3c"
_SIDEBAR = {
    "sidebar_bg": ".rail{{background:{0}}}",
    "sidebar_text": ".rail-item{{color:{0}}}",
    "sidebar_active_border": (
        ".rail-item[aria-current]{{background:color-mix(in srgb,{0} 22%,transparent);"
        "box-shadow:inset 3px 0 0 {0}}}"
    ),
    "sidebar_text_active": ".rail-item[aria-current]{{color:{0}}}",
}
# White label's column for the light and the dark theme, and the variables it sets.
_PAIRS = (
    ("page_bg", ("--bg", "--thread"), ("#f3f2ed", "#111312")),
    ("card_bg", ("--surface", "--raised"), ("#ffffff", "#1a1d1b")),
    ("text_primary", ("--ink",), ("#1b201d", "#e8ece9")),
    ("text_secondary", ("--ink-2",), ("#4f5752", "#aeb7b1")),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What templates show of a brand; addresses are of the host that was asked."""

    name: str
    logo_light: str
    logo_dark: str
    favicon: str
    # Empty where nothing differs from the product's own look.
    style_address: str
    login: "LoginLook"


@dataclass(frozen=True, slots=True)
class LoginLook:
    """The sign-in page's own words and pictures."""

    title: str
    subtitle: str
    welcome: str
    texts: tuple[str, ...]
    types: bool
    moves: bool
    recovers: bool
    logo: str
    team: tuple[str, ...]
    # "" is the product's own plain page.
    layout: str
    icon: str


def look_for(request: HttpRequest) -> Look:
    """Give the look of the company signed in, else of the host name; once a request."""
    known: Look | None = getattr(request, "_look", None)
    if known is None:
        known = _look(brand_for(request), is_entry=not request.user.is_authenticated)
        request._look = known  # type: ignore[attr-defined]  # its own note
    return known


def brand_for(request: HttpRequest) -> Brand:
    """Give the brand of the company signed in, else of the host name."""
    user = request.user
    if user.is_authenticated:
        return brand_of(user.company_id)
    return brand_of(company_of_host(request.get_host()))


def _look(brand: Brand, *, is_entry: bool) -> Look:
    css = style_of(brand, is_entry=is_entry)
    digest = hashlib.sha256(css.encode()).hexdigest()[:12]
    return Look(
        name=brand.name or PRODUCT,
        logo_light=address_of(brand.logo_light),
        logo_dark=address_of(brand.logo_dark),
        favicon=address_of(brand.favicon),
        style_address=f"{reverse('console:brand')}?v={digest}" if css else "",
        login=_login(brand.login),
    )


def _login(changed: dict[str, Any]) -> LoginLook:
    key = changed.get("theme", "default")
    theme = theme_of(key)
    texts = tuple(changed.get("typing_texts", ()))
    if not texts and key in THEMES and key != "default":
        texts = tuple(theme.as_wire()["typingTexts"])
    team = tuple(address_of(url) for url in changed.get("team_images", ()))
    has_more = texts or team or "background_image_url" in changed or "welcome_message" in changed
    layout = theme.layout if key != "default" else ("split" if has_more else "")
    return LoginLook(
        title=changed.get("title", ""),
        subtitle=changed.get("subtitle", ""),
        welcome=changed.get("welcome_message", ""),
        texts=texts,
        types=changed.get("enables_typing", True),
        moves=changed.get("enables_animations", True),
        recovers=changed.get("enables_recovery", LoginConfig().enables_recovery),
        logo=address_of(changed.get("logo_url", "")),
        team=team,
        layout=layout,
        icon=theme.icon if key != "default" else "",
    )


def address_of(picture: str) -> str:
    """Give where a page finds a logo: an uploaded one on its own host, else the address itself."""
    if LOGO.fullmatch(picture):
        return f"/public/{picture}"
    return picture.removeprefix(settings.BACKEND_URL)


def style_of(brand: Brand, *, is_entry: bool) -> str:
    """Write what a brand changes about the pages' own style sheets; "" where that is nothing."""
    rules = [_accent(*_primaries(brand, is_entry=is_entry)), *_white_label(brand.colours)]
    if is_entry:
        rules += _entry(brand.login)
    return "\n".join(filter(None, rules))


def _primaries(brand: Brand, *, is_entry: bool) -> tuple[str, str]:
    if is_entry:
        key = brand.login.get("theme", "default")
        own = brand.login.get("primary_color") or (
            theme_of(key).primary if key != "default" else ""
        )
        if own:
            return own, own
    return brand.primary_light, brand.primary_dark


def _accent(light: str, dark: str) -> str:
    if not light and not dark:
        return ""
    light = legible(light or dark, _LIGHT)
    dark = legible(dark or light, _DARK)
    pairs = {
        "--accent": (light, dark),
        "--accent-strong": (_mixed(light, "#000000", 0.2), _mixed(dark, "#ffffff", 0.25)),
        "--on-accent": (_on(light), _on(dark)),
        "--accent-soft": (_mixed(light, "#ffffff", 0.88), _mixed(dark, "#141715", 0.8)),
        "--out": (_mixed(light, "#ffffff", 0.84), _mixed(dark, "#141715", 0.72)),
    }
    body = "".join(f"{name}:light-dark({one},{two});" for name, (one, two) in pairs.items())
    return f":root{{{body}}}"


def _white_label(changed: dict[str, Any]) -> list[str]:
    rules = [
        template.format(changed[name]) for name, template in _SIDEBAR.items() if name in changed
    ]
    for name, variables, (light, dark) in _PAIRS:
        one, two = changed.get(f"{name}_light"), changed.get(f"{name}_dark")
        if one or two:
            value = f"light-dark({one or light},{two or dark})"
            rules.append(f":root{{{''.join(f'{variable}:{value};' for variable in variables)}}}")
    if "font_family" in changed:
        rules.append(f':root{{--font:"Emoji",{changed["font_family"]}}}')
    # A base of 16 is the 15 of these pages.
    if "font_size_base" in changed:
        rules.append(f"html{{font-size:{changed['font_size_base'] - 1}px}}")
    if "font_weight_normal" in changed:
        rules.append(f"html{{font-weight:{changed['font_weight_normal']}}}")
    if "font_weight_bold" in changed:
        rules.append(f"h1,h2,h3,strong,.button{{font-weight:{changed['font_weight_bold']}}}")
    return rules


def _entry(changed: dict[str, Any]) -> list[str]:
    rules = []
    key = changed.get("theme", "default")
    ground = theme_of(key).gradient if key != "default" else ""
    if changed.get("secondary_color") and not ground:
        first = changed.get("primary_color") or THEMES["default"].primary
        ground = f"linear-gradient(135deg,{first},{changed['secondary_color']})"
    if changed.get("background_image_url"):
        # Nothing but an address with its quotes and brackets encoded goes into the sheet.
        picture = address_of(changed["background_image_url"])
        for sign, code in (("\\", "%5C"), ('"', "%22"), ("\n", ""), ("\r", ""), ("\f", "")):
            picture = picture.replace(sign, code)
        ground = f'linear-gradient(rgb(0 0 0/.45),rgb(0 0 0/.45)),url("{picture}") center/cover'
    if ground:
        rules.append(f":root{{--entry-ground:{ground};--entry-words:#fff}}")
    if changed.get("custom_css"):
        rules.append(changed["custom_css"])
    return rules


@lru_cache(maxsize=256)
def legible(colour: str, ground: str) -> str:
    """Darken or lighten a colour, as little as needed, until words in it stand out of a ground."""
    towards = "#000000" if _luminance(ground) > 0.4 else "#ffffff"
    for step in range(21):
        mixed = _mixed(colour, towards, step / 20)
        if _contrast(mixed, ground) >= CONTRAST:
            return mixed
    return towards


def _on(colour: str) -> str:
    return max("#ffffff", "#0b1210", key=lambda word: _contrast(word, colour))


def _rgb(colour: str) -> tuple[int, int, int]:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _mixed(colour: str, other: str, share: float) -> str:
    parts = (
        round(one + (two - one) * share) for one, two in zip(_rgb(colour), _rgb(other), strict=True)
    )
    return "#{:02x}{:02x}{:02x}".format(*parts)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _rgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)
