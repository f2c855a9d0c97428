"""Looks that the sign-in page can take, most of them for days of the year."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_CALM: tuple[Promise, Promise] = (
    _("All your customers in one place."),
    _("Your team, always close."),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours, layout and words of a sign-in page."""

    name: Promise
    description: Promise
    greeting: Promise
    primary: str
    secondary: str
    # Where the background's gradient ends.
    dusk: str
    icon: str
    layout: str = "split"
    decorations: tuple[str, ...] = ()

    @property
    def gradient(self) -> str:
        """Give the background as CSS."""
        return f"linear-gradient(135deg, {self.primary} 0%, {self.dusk} 100%)"

    def as_wire(self) -> dict[str, Any]:
        """Write it as the contract does."""
        wire: dict[str, Any] = {
            "name": str(self.name),
            "description": str(self.description),
            "primaryColor": self.primary,
            "secondaryColor": self.secondary,
            "backgroundGradient": self.gradient,
            "backgroundImageUrl": "",
            "layout": self.layout,
            "typingTexts": [str(self.greeting), *map(str, _CALM)],
            "icon": self.icon,
        }
        return wire | {"decorations": list(self.decorations)} if self.decorations else wire


THEMES: dict[str, Theme] = {
    "default": Theme(
        _("Default"), _("The product's own green."), _("Welcome!"),
        "#0a6e55", "#25d366", "#05382b", "💬",
    ),
    "natalino": Theme(
        _("Christmas"), _("Red and green, with snow."), _("Merry Christmas!"),
        "#a3161b", "#1d7a3c", "#4a0a0d", "🎄", decorations=("snow", "lights"),
    ),
    "anoNovo": Theme(
        _("New Year"), _("Night blue and gold."), _("Happy New Year!"),
        "#14213d", "#f2b632", "#060b18", "🎆", "centered", ("fireworks",),
    ),
    "diaMulher": Theme(
        _("Women's Day"), _("Violet and rose."), _("Happy Women's Day!"),
        "#7b2d8b", "#e86aa6", "#3d1547", "🌷", decorations=("flowers",),
    ),
    "diaMaes": Theme(
        _("Mother's Day"), _("Soft rose."), _("Happy Mother's Day!"),
        "#b83b6f", "#f5a3c0", "#5d1c38", "💐", decorations=("flowers",),
    ),
    "conscienciaNegra": Theme(
        _("Black Awareness Day"), _("Black, red, gold and green."), _("Respect has no colour."),
        "#1b1b1b", "#d9a514", "#7a1f16", "✊🏿",
    ),
    "independencia": Theme(
        _("Independence Day"), _("Green, yellow and blue."), _("Happy Independence Day!"),
        "#006b2d", "#f7d70c", "#00235f", "🇧🇷", "full-width",
    ),
    "carnaval": Theme(
        _("Carnival"), _("Loud colours and confetti."), _("Happy Carnival!"),
        "#6a1fb0", "#ffb400", "#c2185b", "🎭", "full-width", ("confetti",),
    ),
    "pascoa": Theme(
        _("Easter"), _("Chocolate and pastel."), _("Happy Easter!"),
        "#5d4037", "#e8b4d0", "#7e57a6", "🐰", decorations=("eggs",),
    ),
    "junina": Theme(
        _("June festival"), _("Bonfire and bunting."), _("Happy June festival!"),
        "#a63c06", "#f2c12e", "#4e1c02", "🔥", "centered", ("bunting",),
    ),
    "diaPais": Theme(
        _("Father's Day"), _("Steel blue."), _("Happy Father's Day!"),
        "#1f4e79", "#6fa8dc", "#0c2238", "👔",
    ),
    "diaCriancas": Theme(
        _("Children's Day"), _("Sky blue and toys."), _("Happy Children's Day!"),
        "#0277bd", "#ffca28", "#d81b60", "🎈", decorations=("balloons",),
    ),
}  # fmt: skip


def theme_of(key: str) -> Theme:
    """Give a theme; an unknown one is the product's own."""
    return THEMES.get(key, THEMES["default"])
